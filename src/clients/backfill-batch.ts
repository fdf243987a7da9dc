import { RefitError } from '../domain/errors'
import { boundary, countLeft, countRows, type Key, type Keyed, lastKey } from '../domain/migrations/backfill-sql'
import { saveBatch } from './backfill-checkpoint'
import { type Lease, leaseCheck, lost } from './backfill-lease'
import type { Answer, BackfillSession, BatchLimits } from './backfill-session'

export interface BatchWork extends BatchLimits {
  id: string
  keyed: Keyed
  lease: Lease
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
  session: BackfillSession,
  work: BatchWork,
  after: Key | null,
  rows: number,
): Promise<BatchDone | undefined> {
  const { keyed, lease, id } = work
  try {
    const [leased, bound] = (
      await session.together([...session.begin(work), leaseCheck(session, lease), boundary(keyed, after, rows)])
    ).slice(-2)
    if (leased?.rows.length !== 1) throw await lost(session, lease)
    const range = keyIn(bound) ? { upto: keyIn(bound)!, scanned: rows } : await rest(session, keyed, after)
    if (!range) {
      await session.query('commit')
      return undefined
    }
    const { changed, still } = await session.change(keyed, { after, upto: range.upto })
    if (still > 0) throw await wouldChangeAgain(session, keyed, { after, upto: range.upto })
    await session.together([saveBatch(session, id, { ...range, changed, rows }), 'commit'])
    return { ...range, changed }
  } catch (error) {
    await session.query('rollback').catch(() => undefined)
    throw error
  }
}

/** The last rows of the table, fewer than a batch has. */
async function rest(session: BackfillSession, keyed: Keyed, after: Key | null) {
  const upto = keyIn(await session.query(lastKey(keyed, after)))
  if (!upto) return undefined
  const { rows } = await session.query(countRows(keyed, { after, upto }))
  return { upto, scanned: Number(rows[0]?.rows_seen) }
}

const keyIn = (answer: Answer | undefined): Key | undefined =>
  answer?.rows[0] && (Object.values(answer.rows[0]) as string[])

/** It would go on for ever, and change the same rows in every pass. */
async function wouldChangeAgain(session: BackfillSession, keyed: Keyed, range: { after: Key | null; upto: Key }) {
  const { change } = keyed.backfill
  const left = change.kind === 'set' ? await session.query(countLeft(keyed, range, change.where)) : undefined
  const still = Number(left?.rows[0]?.rows_seen)
  return new RefitError(
    'MIGRATION_FAILED',
    `After the change, where is still true for ${still} row${still === 1 ? '' : 's'} up to key ${range.upto.join(', ')}; the batch was rolled back.`,
    'Correct set or where, so that a changed row is done.',
  )
}
