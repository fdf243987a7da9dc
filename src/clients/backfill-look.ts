import type { Backfill } from '../domain/migrations/backfill'
import { boundary, change, lastKey, proofOf } from '../domain/migrations/backfill-sql'
import { bounds } from '../domain/migrations/backfill-tuner'
import { type Checkpoint, readCheckpoint } from './backfill-checkpoint'
import { leaseName } from './backfill-run'
import { type BackfillSession, openSession, type Target } from './backfill-session'

/** How a backfill stands. Nothing is written. */
export interface BackfillLook {
  table: string
  checkpoint?: Checkpoint
  /** a session works on the table now, this backfill or another */
  isLeased: boolean
  estimatedTotal?: number
}

export interface BackfillPreview extends BackfillLook {
  key: Target['columns']
  bytes: number
  notes: string[]
  /** no row is to be done */
  isProven: boolean
  /** of the first batch, in the server's words; empty for a table without rows */
  plan: string[]
}

interface Question {
  url: string
  backfill: Backfill
}

export const lookAtBackfill = (question: Question): Promise<BackfillLook> =>
  looking(question, async (session, target) => ({ ...(await standing(session, question.backfill, target)) }))

/** Everything that a run would refuse is refused here, too. */
export const previewBackfill = (question: Question): Promise<BackfillPreview> =>
  looking(question, async (session, target) => ({
    ...(await standing(session, question.backfill, target)),
    ...{ key: target.columns, bytes: target.bytes, notes: target.notes },
    isProven: !(await session.finds(proofOf(session.dialect, question.backfill))),
    plan: await planOf(session, question.backfill, target),
  }))

async function looking<T>(
  { url, backfill }: Question,
  look: (session: BackfillSession, target: Target) => Promise<T>,
): Promise<T> {
  const session = await openSession(url)
  try {
    await session.readOnly()
    return await look(session, await session.inspect(backfill))
  } catch (error) {
    throw session.errorOf(error)
  } finally {
    await session.close()
  }
}

async function planOf(session: BackfillSession, backfill: Backfill, { columns, index }: Target): Promise<string[]> {
  const keyed = { dialect: session.dialect, backfill, columns, index }
  for (const at of [boundary(keyed, null, bounds.first), lastKey(keyed, null)]) {
    const { rows } = await session.query(at)
    if (rows[0]) return session.explain(change(keyed, { after: null, upto: Object.values(rows[0]) as string[] }))
  }
  return []
}

async function standing(session: BackfillSession, backfill: Backfill, target: Target): Promise<BackfillLook> {
  const checkpoint = await readCheckpoint(session, backfill)
  return {
    table: target.table,
    ...(checkpoint ? { checkpoint } : {}),
    isLeased: await session.isLocked(leaseName(target)),
    ...(target.estimatedTotal === undefined ? {} : { estimatedTotal: target.estimatedTotal }),
  }
}
