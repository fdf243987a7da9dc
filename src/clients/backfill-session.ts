import type { Backfill } from '../domain/migrations/backfill'
import type { KeyColumn, SqlDialect } from '../domain/migrations/backfill-dialect'
import type { BatchFailure } from '../domain/migrations/backfill-failure'
import type { Readings } from '../domain/migrations/backfill-pause'
import type { Keyed, KeyRange } from '../domain/migrations/backfill-sql'
import { openMysql } from './backfill-mysql'
import { openPostgres } from './backfill-postgres'
import { isMysql } from './database-url'

export interface Answer {
  rows: Record<string, unknown>[]
  /** rows that it found or changed */
  count: number
}

/** How long one statement of a batch may wait for a lock, and take; milliseconds. */
export interface BatchLimits {
  lockTimeoutMs: number
  statementTimeoutMs: number
  /** batches in a row that gave up on a lock */
  locked?: number
}

/** What the catalog says of the table of a backfill. */
export interface Target {
  /** schema.table */
  table: string
  columns: KeyColumn[]
  /** of the key, where statements must name it */
  index?: string
  /** rows by the planner's statistics; undefined where nothing was analysed yet */
  estimatedTotal?: number
  bytes: number
  /** what the signals can't show */
  notes: string[]
}

/** Refit's own tables in the operator's database, and what the two kinds of servers write differently about them. */
export interface OwnTables {
  lease: string
  backfill: string
  now: string
  /** keeps a row for the end of the transaction */
  forUpdate: string
  /** inserts a row; where its key is there already, `update` is done to that one */
  upsert: (table: string, row: Readonly<Record<string, string>>, key: string, update: string) => string
  /** a key as it is kept, and as it was kept */
  keep: (key: readonly string[]) => string
  kept: (value: unknown) => string[] | null
}

/** What a backfill needs of one kind of server, on one session of it. */
export interface BackfillSession {
  /** in words */
  readonly engine: string
  /** its number in the server's own list of sessions */
  readonly id: number
  readonly dialect: SqlDialect
  readonly own: OwnTables
  /** a statement of Refit's own */
  query(text: string): Promise<Answer>
  /** several, in as few round trips as the server allows */
  together(texts: readonly string[]): Promise<Answer[]>
  begin(limits: BatchLimits): string[]
  tryLock(name: string): Promise<boolean>
  unlock(name: string): Promise<void>
  isLocked(name: string): Promise<boolean>
  /** beside the token: a condition that holds on the session that has the lock */
  holds(name: string): string
  hasTables(): Promise<boolean>
  makeTables(): Promise<void>
  /** looks at table, key and statements without changing anything. MIGRATION_REFUSED, or MIGRATION_FAILED for wrong SQL */
  inspect(backfill: Backfill): Promise<Target>
  /** the plan of a statement, a line each */
  explain(text: string): Promise<string[]>
  /** changes the rows of a range; of how many `where` still holds */
  change(keyed: Keyed, range: KeyRange): Promise<{ changed: number; still: number }>
  /** one row of a query that may take minutes; MIGRATION_FAILED when it takes too long */
  finds(query: string): Promise<boolean>
  /** for who only looks: short timeouts, and no writes where the server can hold to that */
  readOnly(): Promise<void>
  /** another session that reads what a backfill pauses for */
  signals(): Promise<SignalReader>
  failure(error: unknown): BatchFailure
  /** whatever a statement threw, as Refit's */
  errorOf(error: unknown): unknown
  close(): Promise<void>
}

export interface SignalReader {
  read(): Promise<Omit<Readings, 'ageMs' | 'probes'>>
  close(): Promise<void>
}

/** A session of its own on the server of a postgres://, mysql:// or mariadb:// URL. MIGRATION_REFUSED where it can't be trusted. */
export const openSession = (url: string): Promise<BackfillSession> =>
  isMysql(url) ? openMysql(url) : openPostgres(url)
