import type { SchemaItem } from '../../domain/migrations/schema-items'
import type { Lease, Taking } from '../backfill-lease'

export interface Answer {
  rows: Record<string, unknown>[]
  /** as knex's own client of this database wants it, in values that can be sent to another process */
  forKnex: unknown
}

export interface Fingerprint {
  items: SchemaItem[]
  sha256: string
}

/** What a try waited for, so that the next one begins when it is gone. */
export interface Blocker {
  /** the session that had it, and the table */
  session: number
  table: string
}

/** A second look at the session that runs a file: it waits and works where the first can't speak. */
export interface Watch {
  /** whom the file has waited for */
  blockers: Blocker[]
  /** since when, by performance.now(), others have had to wait for this transaction; undefined: for none */
  heldSince(): number | undefined
  /** the tables that it keeps from others */
  heldTables(): string[]
  /** whether it waits for a lock */
  isWaiting(): boolean
  /** ends the statement that runs now, if one does */
  cancel(): Promise<void>
  /** looks now, and not only at the next tick */
  look(): Promise<void>
  stop(): Promise<void>
}

/** The only connection of a run: the lease and every statement are on it. Errors are the driver's own. */
export interface RunSession {
  readonly engine: 'postgresql' | 'mysql'
  /** for knex, which builds statements by it */
  readonly version: string
  /** its number at the server */
  readonly id: number
  query(sql: string, values?: readonly unknown[]): Promise<Answer>
  /** undefined where the database doesn't tell */
  isInTransaction(): boolean | undefined
  takeLease(taking: Taking): Promise<Lease | undefined>
  /** in the transaction that is open: LEASE_LOST unless the lease is still this one */
  checkLease(lease: Lease): Promise<void>
  beatLease(lease: Lease): Promise<void>
  releaseLease(lease: Lease): Promise<void>
  /** makes the tables for leases and attempts where they are missing */
  makeTables(): Promise<void>
  /** how long the next statements wait for locks and may take; 0 means no end, undefined what the file has set */
  bound(limits: { lockMs: number; statementMs: number | undefined }): Promise<void>
  fingerprint(): Promise<Fingerprint>
  /** indexes whose concurrent build was not finished */
  invalidIndexes(): Promise<string[]>
  dropIndex(name: string): Promise<void>
  /** watches what this session does, `onHeld` is called once when it has kept others waiting for `capMs` */
  watch(capMs: number, onHeld: () => void): Promise<Watch>
  /** who of them still has what was waited for, in words; undefined when nobody has */
  whoHolds(blockers: readonly Blocker[]): Promise<string | undefined>
  /** forgets what an earlier file has set */
  settle(): Promise<void>
  /** ends the session at the server and waits until it is gone */
  kill(): Promise<void>
  close(): Promise<void>
}
