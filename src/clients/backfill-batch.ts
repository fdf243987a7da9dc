import type { Client } from 'pg'
import { RefitError } from '../domain/errors'
import type { Backfill } from '../domain/migrations/backfill'
import { boundary, change, type Key, type KeyColumn } from '../domain/migrations/backfill-sql'
import { saveBatch } from './backfill-checkpoint'
import { checkLease, type Lease } from './backfill-lease'

export interface BatchWork {
  id: string
  backfill: Backfill
  columns: readonly KeyColumn[]
  lease: Lease
  statementTimeoutMs: number
  lockTimeoutMs: number
}

export interface BatchDone {
  upto: Key
  scanned: number
  changed: number
}

/**
 * One batch: lease, key range, change and checkpoint in one transaction, so that a kill at any moment leaves all of it or
 * nothing. Undefined at the end of the table. What it throws was rolled back, unless the session itself is gone.
 */
export async function runBatch(
  client: Client,
  work: BatchWork,
  after: Key | null,
  rows: number,
): Promise<BatchDone | undefined> {
  try {
    await client.query(
      `begin isolation level read committed read write;
       set local statement_timeout = ${Math.round(work.statementTimeoutMs)};
       set local lock_timeout = ${Math.round(work.lockTimeoutMs)};`,
    )
    await checkLease(client, work.lease)
    const done = await changeRows(client, work, after, rows)
    if (done) await saveBatch(client, work.id, { ...done, rows })
    await client.query('commit')
    return done
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

async function changeRows(
  client: Client,
  { backfill, columns }: BatchWork,
  after: Key | null,
  rows: number,
): Promise<BatchDone | undefined> {
  const found = await client.query<{ scanned: number; upto: Key }>(boundary(backfill, columns, after, rows))
  const [last] = found.rows
  if (!last) return undefined
  const { rows: answer, rowCount } = await client.query<{ changed: number; still: number }>(
    change(backfill, columns, { after, upto: last.upto }),
  )
  if (backfill.change.kind === 'statement') return { ...last, changed: rowCount ?? 0 }
  const { changed = 0, still = 0 } = answer[0] ?? {}
  if (still > 0) throw wouldChangeAgain(still, last.upto)
  return { ...last, changed }
}

/** It would go on for ever, and change the same rows in every pass. */
const wouldChangeAgain = (still: number, upto: Key): RefitError =>
  new RefitError(
    'MIGRATION_FAILED',
    `After the change, where is still true for ${still} row${still === 1 ? '' : 's'} up to key ${upto.join(', ')}; the batch was rolled back.`,
    'Correct set or where, so that a changed row is done.',
  )
