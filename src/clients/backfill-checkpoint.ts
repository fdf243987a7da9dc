import { createHash } from 'node:crypto'
import type { Client } from 'pg'
import { type Backfill, backfillText, backfillTitle } from '../domain/migrations/backfill'
import type { Key } from '../domain/migrations/backfill-sql'
import { hasTables } from './backfill-tables'

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
export async function openCheckpoint(client: Client, backfill: Backfill, lease: string): Promise<Checkpoint> {
  await client.query(
    `insert into refit.backfill (id, title, declaration, lease, state) values ($1, $2, $3, $4, 'running')
     on conflict (id) do update set state = 'running', updated_at = now(), ended_at = null`,
    [backfillId(backfill), backfillTitle(backfill), backfillText(backfill), lease],
  )
  const found = await readCheckpoint(client, backfill)
  if (!found) throw new Error(`the checkpoint of ${backfillTitle(backfill)} is gone`)
  return found
}

/** Undefined where it was never started. */
export async function readCheckpoint(client: Client, backfill: Backfill): Promise<Checkpoint | undefined> {
  if (!(await hasTables(client))) return undefined
  const { rows } = await client.query<Record<string, string | null> & { upto: Key | null } & Dates>(
    `select state, pass::text, upto, scanned::text, changed::text, batches::text, batch_rows::text,
       started_at, updated_at, ended_at from refit.backfill where id = $1`,
    [backfillId(backfill)],
  )
  const [row] = rows
  if (!row) return undefined
  return {
    state: row.state as Checkpoint['state'],
    ...{ pass: Number(row.pass), upto: row.upto, scanned: Number(row.scanned) },
    ...{ changed: Number(row.changed), batches: Number(row.batches) },
    ...(row.batch_rows ? { rows: Number(row.batch_rows) } : {}),
    ...{ startedAt: row.started_at, updatedAt: row.updated_at },
    ...(row.ended_at ? { endedAt: row.ended_at } : {}),
  }
}

interface Dates {
  started_at: Date
  updated_at: Date
  ended_at: Date | null
}

/** In the transaction of the batch that it speaks of, so that neither is ever there without the other. */
export async function saveBatch(
  client: Client,
  id: string,
  { upto, scanned, changed, rows }: { upto: Key; scanned: number; changed: number; rows: number },
): Promise<void> {
  await client.query(
    `update refit.backfill set upto = $2::text[], scanned = scanned + $3, changed = changed + $4, batches = batches + 1,
       batch_rows = $5, updated_at = now() where id = $1`,
    [id, upto, scanned, changed, rows],
  )
}

/** Begins at the first row again. */
export async function saveNextPass(client: Client, id: string, pass: number): Promise<void> {
  await client.query(
    'update refit.backfill set pass = $2, upto = null, scanned = 0, updated_at = now() where id = $1',
    [id, pass],
  )
}

export async function saveEnd(client: Client, id: string, state: 'stopped' | 'done'): Promise<void> {
  await client.query(
    `update refit.backfill set state = $2, updated_at = now(), ended_at = case when $2 = 'done' then now() end where id = $1`,
    [id, state],
  )
}
