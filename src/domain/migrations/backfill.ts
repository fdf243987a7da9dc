import { postgresql } from './backfill-dialect'
import { proofOf } from './backfill-sql'

/** A backfill as an operator declares it: which rows of which table, and what becomes of them. */
export interface Backfill {
  /** `table` or `schema.table`, as they are spelled in the catalog */
  table: string
  /** the columns of a unique index, in its order; none of them nullable */
  key: readonly string[]
  change: BackfillChange
  /** the query that finds one row that is still to be done; nothing found is the only proof of the end. By default `where` */
  proof?: string | undefined
  pauseWhile: PauseLimits
}

export type BackfillChange =
  /** SQL expressions by column, for the rows of which `where` holds */
  | { kind: 'set'; set: Readonly<Record<string, string>>; where: string }
  /** one statement of the operator's own, with `{range}` or `{range ALIAS}` where the key range of the batch belongs */
  | { kind: 'statement'; statement: string }

/** Above which readings a backfill pauses; milliseconds. */
export interface PauseLimits {
  replicaLagMs: number
  /** how long a session of this database may wait for a lock */
  blockedMs: number
  longTransactionMs: number
  /** a URL that is asked about once a second, and its highest 95th percentile */
  health?: { url: string; p95Ms: number } | undefined
}

export const defaultPauseLimits: PauseLimits = { replicaLagMs: 5_000, blockedMs: 1_000, longTransactionMs: 300_000 }

/**
 * What a checkpoint is valid for: the same rows, the same change. Limits of pauses may change while it runs; anything
 * else is another backfill, which starts at the beginning.
 */
export function backfillText(backfill: Backfill): string {
  const { change } = backfill
  const changed =
    change.kind === 'set' ? { set: Object.entries(change.set), where: change.where } : { statement: change.statement }
  // As PostgreSQL writes it, on either kind of server: ids of checkpoints stay.
  return JSON.stringify({ table: backfill.table, key: backfill.key, ...changed, proof: proofOf(postgresql, backfill) })
}

/** In words, for progress and errors. */
export const backfillTitle = ({ table, change }: Backfill): string =>
  change.kind === 'set' ? `${table} (${Object.keys(change.set).join(', ')})` : table
