import type { MigrationPhase } from '../../domain/migration'
import type { MigrationFile } from '../../domain/plan'
import type { Lease } from '../backfill-lease'
import type { RunBook } from './run-book'
import type { RunSession } from './run-session'

export interface RunLimits {
  /** how long a transaction may keep others from a table */
  heldMs: number
  /** how long a statement that changes the schema may take on PostgreSQL */
  ddlMs: number
  /** how long a file may take; undefined: as long as the caller's signal lets it */
  fileMs?: number
  /** of pauses between tries: 1, less only where a test doesn't want to wait */
  pace: number
}

/** Fingerprints of the schema around one file, as its rehearsal saw them. */
export interface RehearsedFingerprints {
  before: string
  after: string
  transaction?: boolean
}

export interface MigrationRun {
  /** postgres://, mysql:// or mariadb://; never shown */
  url: string
  directory: string
  phase: MigrationPhase
  /** what the plan says of this phase; anything else on disk stops the run */
  files: MigrationFile[]
  /** by path, such as `expand/001_add.js` */
  rehearsed?: Record<string, RehearsedFingerprints>
  /** paths whose findings a person takes upon them: they may keep others from a table for longer */
  overrides?: readonly string[]
  /** whose list of applied files it is: several services may share one database */
  list: string
  /** who works, for whoever waits */
  owner?: string
  heartbeat: (seen: string) => void
  /** cuts off what runs, as a kill does */
  signal?: AbortSignal | undefined
  /** stops before the next file, or the next try of one that changed nothing yet */
  stop?: AbortSignal | undefined
  limits?: Partial<RunLimits>
}

/** A run that has its lease. */
export interface Running {
  run: MigrationRun
  session: RunSession
  lease: Lease
  book: RunBook
  limits: RunLimits
}

export const pathOf = ({ phase, name }: Pick<MigrationFile, 'phase' | 'name'>): string => `${phase}/${name}`
