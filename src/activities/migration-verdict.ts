import type { StepVerdict } from './contracts'

/** The verdict on a migration that ended. */
export const migrationVerdict = (done: boolean, sentence: string): StepVerdict =>
  done ? { kind: 'healthy', reason: 'migrated', sentence } : { kind: 'failed', reason: 'migration-failed', sentence }
