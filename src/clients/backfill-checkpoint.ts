import { createHash } from 'node:crypto'
import { type Backfill, backfillText, backfillTitle } from '../domain/migrations/backfill'
import type { Key } from '../domain/migrations/backfill-sql'
import type { BackfillSession } from './backfill-session'

/** How far a backfill is, as its database says. */
export interface Checkpoint {
  state: 'running' | 'stopped' | 'done'
  pass: number
  /** the last key of the last batch of this pass */
  upto: Key | null
  scanned: number
  changed: number
  batches: number
  /** rows of the next batch */
  rows?: number
  startedAt: Date
  updatedAt: Date
  endedAt?: Date
}

/** Another declaration is another backfill. */
export const backfillId = (backfill: Backfill): string =>
  createHash('sha256').update(backfillText(backfill)).digest('hex').slice(0, 16)

/** Its row, made when it is the first time. */
export async function openCheckpoint(session: BackfillSession, backfill: Backfill, lease: string): Promise<Checkpoint> {
  const { literal } = session.dialect
  const { backfill: table, now, upsert } = session.own
  const row = {
    ...{ id: literal(backfillId(backfill)), title: literal(backfillTitle(backfill)) },
    ...{ declaration: literal(backfillText(backfill)), lease: literal(lease), state: `'running'` },
    ...{ started_at: now, updated_at: now },
  }
  await session.query(upsert(table, row, 'id', `state = 'running', updated_at = ${now}, ended_at = null`))
  const found = await readCheckpoint(session, backfill)
  if (!found) throw new Error(`the checkpoint of ${backfillTitle(backfill)} is gone`)
  return found
}

/** Undefined where it was never started. */
export async function readCheckpoint(session: BackfillSession, backfill: Backfill): Promise<Checkpoint | undefined> {
  if (!(await session.hasTables())) return undefined
  const { rows } = await session.query(
    `select state, pass, upto, scanned, changed, batches, batch_rows, started_at, updated_at, ended_at
     from ${session.own.backfill} where id = '${backfillId(backfill)}'`,
  )
  const [row] = rows
  if (!row) return undefined
  return {
    state: row.state as Checkpoint['state'],
    ...{ pass: Number(row.pass), upto: session.own.kept(row.upto), scanned: Number(row.scanned) },
    ...{ changed: Number(row.changed), batches: Number(row.batches) },
    ...(row.batch_rows ? { rows: Number(row.batch_rows) } : {}),
    ...{ startedAt: row.started_at as Date, updatedAt: row.updated_at as Date },
    ...(row.ended_at ? { endedAt: row.ended_at as Date } : {}),
  }
}

interface Saved {
  upto: Key
  scanned: number
  changed: number
  rows: number
}

/** In the transaction of the batch that it speaks of, so that neither is ever there without the other. */
export const saveBatch = ({ own }: BackfillSession, id: string, { upto, scanned, changed, rows }: Saved): string =>
  `update ${own.backfill} set upto = ${own.keep(upto)}, scanned = scanned + ${scanned}, changed = changed + ${changed},
     batches = batches + 1, batch_rows = ${rows}, updated_at = ${own.now} where id = '${id}'`

/** Begins at the first row again. */
export const saveNextPass = ({ own }: BackfillSession, id: string, pass: number): string =>
  `update ${own.backfill} set pass = ${pass}, upto = null, scanned = 0, updated_at = ${own.now} where id = '${id}'`

export const saveEnd = ({ own }: BackfillSession, id: string, state: 'stopped' | 'done'): string =>
  `update ${own.backfill} set state = '${state}', updated_at = ${own.now},
     ended_at = ${state === 'done' ? own.now : 'null'} where id = '${id}'`
