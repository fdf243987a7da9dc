import type { DataPhase } from './migration'

/** Every kind of event in an upgrade's record. Kept for ever, and looked at by steps that run again: none is renamed. */
export const eventKinds = [
  'entered',
  'requested',
  'voted',
  'approved',
  'withdrawn',
  'snoozed',
  'asked-again',
  'escalated',
  'emergency',
  'paused',
  'resumed',
  'waits',
  'refused',
  'started',
  'migrated',
  'migration-failed',
  'prepared',
  'patched',
  'restored',
  'canary',
  'ready',
  'checked',
  'check-failed',
  'backfill',
  'backfill-failed',
  'contract',
  'contract-failed',
  'data-started',
  'data-ended',
  'ended',
  'resolved',
  'reopened',
] as const
export type EventKind = (typeof eventKinds)[number]

/** Kinds that say that an upgrade has written to the hub or its databases. */
const writeKinds: ReadonlySet<string> = new Set<EventKind>(['started', 'migrated', 'migration-failed', 'patched'])

/** Whether an event of this kind says that something was written. */
export const isWrite = (kind: string): boolean => writeKinds.has(kind)

/** The kind of the event that ends a data phase. */
export const dataKind = (phase: DataPhase, isHealthy: boolean): EventKind => (isHealthy ? phase : `${phase}-failed`)

/** Under which key a step leaves its event: how a second run of it knows what the first one did. */
export const stepKeys = {
  expand: (index: number) => `expand/${index}`,
  started: (step: string) => `${step}/started`,
  /** its init containers are patched */
  preparing: (workload: string) => `preparing/${workload}`,
  /** its new init containers ran */
  prepared: (workload: string) => `prepared/${workload}`,
  patched: (workload: string) => `patched/${workload}`,
  /** it stands still in this stage */
  held: (workload: string, stage: number) => `held/${workload}/${stage}`,
  /** its new pods stayed healthy in this stage */
  watched: (workload: string, stage: number) => `watched/${workload}/${stage}`,
  /** the image of this step is on the branch that an agent applies */
  committed: (step: string, workload: string) => `committed/${step}/${workload}`,
  restored: (workload: string) => `restored/${workload}`,
  /** a health check fails before anything was changed */
  healthBefore: (check: number) => `health/before/${check}`,
  /** the result of a health check that ran as a Job */
  health: (stage: string, check: number) => `health/${stage}/${check}`,
  data: (phase: DataPhase, index: number, verdict: string) => `${phase}/${index}/${verdict}`,
}
