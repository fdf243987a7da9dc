import type { Backfill } from '../../domain/migrations/backfill'
import { bounds } from '../../domain/migrations/backfill-tuner'
import { instant } from '../../domain/text'
import { lookAtBackfill, previewBackfill } from '../../operations/backfill'
import type { Context } from '../context'
import { safe } from '../render'

interface Question {
  url: string
  backfill: Backfill
}
type Look = Awaited<ReturnType<typeof lookAtBackfill>>

/** How far it is. */
export async function status(context: Context, question: Question): Promise<void> {
  const look = await context.waitFor('the database', () => lookAtBackfill(question))
  context.print(look, () => standing(look))
}

/** What it would do. */
export async function preview(context: Context, question: Question): Promise<void> {
  const seen = await context.waitFor('the database', () => previewBackfill(question))
  context.print(seen, () => [
    ...standing(seen),
    `key: ${seen.key.map(({ name, type }) => `${safe(name)} ${type}`).join(', ')}`,
    `rows: ${seen.estimatedTotal ?? 'unknown'} (estimate), ${Math.ceil(seen.bytes / 1_048_576)} MiB with indexes`,
    seen.isProven ? 'the proof finds no row: nothing is to be done' : 'the proof finds a row that is to be done',
    ...(seen.plan.length > 0
      ? [
          `the first ${bounds.first} rows, as the server would change them:`,
          ...seen.plan.map((line) => `  ${safe(line)}`),
        ]
      : []),
    ...seen.notes.map((note) => context.paint('warn', `note: ${note}`)),
    'nothing was written',
  ])
}

function standing({ table, checkpoint, isLeased, estimatedTotal }: Look): string[] {
  if (!checkpoint) return [`${safe(table)}: never started${isLeased ? '; another backfill works on the table' : ''}`]
  const { state, pass, scanned, changed, batches, startedAt, updatedAt } = checkpoint
  // The row says running, too, after a kill; the lease doesn't.
  const now = state === 'running' && !isLeased ? 'interrupted: run it again, it goes on' : state
  const share = pass === 1 && estimatedTotal !== undefined && state !== 'done' ? ` of about ${estimatedTotal}` : ''
  return [
    `${safe(table)}: ${now}`,
    `pass ${pass}: ${scanned}${share} rows seen, ${changed} changed, batches: ${batches}`,
    `started ${instant(startedAt)}, last batch ${instant(updatedAt)}`,
  ]
}
