import type { Backfill } from '../domain/migrations/backfill'
import { bounds } from '../domain/migrations/backfill-tuner'
import { type Checkpoint, readCheckpoint } from './backfill-checkpoint'
import { closeQuietly, connectDirectly } from './backfill-connection'
import { backfillError } from './backfill-errors'
import { isLeased } from './backfill-lease'
import { isProven } from './backfill-proof'
import { leaseName } from './backfill-run'
import { inspectTarget, planOf, type Target } from './backfill-target'

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
  /** of the first batch, in PostgreSQL's words; empty for a table without rows */
  plan: string[]
}

interface Question {
  url: string
  backfill: Backfill
}

export const lookAtBackfill = (question: Question): Promise<BackfillLook> =>
  looking(question, async (client, target) => ({ ...(await standing(client, question.backfill, target)) }))

/** Everything that a run would refuse is refused here, too. */
export const previewBackfill = (question: Question): Promise<BackfillPreview> =>
  looking(question, async (client, target) => ({
    ...(await standing(client, question.backfill, target)),
    ...{ key: target.columns, bytes: target.bytes, notes: target.notes },
    isProven: await isProven(client, question.backfill),
    plan: (await planOf(client, question.backfill, target, bounds.first)) ?? [],
  }))

type Session = Awaited<ReturnType<typeof connectDirectly>>

async function looking<T>(
  { url, backfill }: Question,
  look: (client: Session, target: Target) => Promise<T>,
): Promise<T> {
  const client = await connectDirectly(url)
  try {
    await client.query(`set default_transaction_read_only = on; set lock_timeout = '5s'; set statement_timeout = '30s'`)
    return await look(client, await inspectTarget(client, backfill))
  } catch (error) {
    throw backfillError(error)
  } finally {
    await closeQuietly(client)
  }
}

async function standing(client: Session, backfill: Backfill, target: Target): Promise<BackfillLook> {
  const checkpoint = await readCheckpoint(client, backfill)
  return {
    table: target.table,
    ...(checkpoint ? { checkpoint } : {}),
    isLeased: await isLeased(client, leaseName(target)),
    ...(target.estimatedTotal === undefined ? {} : { estimatedTotal: target.estimatedTotal }),
  }
}
