import { RefitError } from '../../domain/errors'
import type { Backfill } from '../../domain/migrations/backfill'
import { type BackfillProgress, estimate, progressWords } from '../../domain/migrations/backfill-progress'
import { databaseUrl, readBackfill, runBackfill } from '../../operations/backfill'
import { actor, type Command, type Context } from '../context'
import { exitCodes } from '../exit-codes'
import { preview, status } from './migrations-backfill-look'

interface Options {
  database: string
  dryRun?: boolean
  status?: boolean
  /** milliseconds */
  target?: number
}

const everyMs = 1_000
/** Shorter ones are all overhead, longer ones are felt by whoever writes. */
const [leastMs, mostMs] = [10, 5_000]

/** Runs a backfill to its proof, or shows how it stands or what it would do. */
export const run: Command<Options> = async (context, [file = ''], { database, dryRun, status: onlyStatus, target }) => {
  const backfill = await readBackfill(file)
  const question = { url: databaseUrl(context.env, database), backfill }
  if (target !== undefined && (target < leastMs || target > mostMs))
    throw new RefitError(
      'USAGE',
      '--target is out of bounds.',
      `Write a duration from ${leastMs}ms to ${mostMs / 1_000}s.`,
    )
  if (dryRun && onlyStatus)
    throw new RefitError('USAGE', '--dry-run and --status exclude each other.', 'Leave one out.')
  if (onlyStatus) return status(context, question)
  if (dryRun) return preview(context, question)
  const again = `refit migrations backfill ${file} --database ${database}`
  return start(context, { ...question, target, again })
}

interface Start {
  url: string
  backfill: Backfill
  target: number | undefined
  /** how to go on */
  again: string
}

async function start(context: Context, { target, again, ...question }: Start) {
  const { io } = context
  const { outcome, progress } = await runBackfill({
    ...question,
    owner: actor(context, undefined),
    signal: io.interrupted(),
    onProgress: told(context),
    ...(target === undefined ? {} : { targetMs: target }),
  })
  context.print({ outcome, ...progress, ...estimate(progress) }, () =>
    outcome === 'done'
      ? [`done: the proof finds no row; ${progress.changed} rows changed, batches: ${progress.batches}`]
      : [`stopped: ${progress.changed} rows changed, batches: ${progress.batches}`, `next: ${again}`],
  )
  return outcome === 'done' ? exitCodes.ok : exitCodes.failed
}

/** A line a second on stderr, and one at once when it begins to wait for something else. */
function told({ io }: Context): (progress: BackfillProgress) => void {
  let [at, reason] = [io.now().getTime(), '']
  return (progress) => {
    const now = io.now().getTime()
    // Figures in a reason change all the time.
    const begins = (progress.waitsFor ?? '').replace(/[0-9.]+/g, '')
    if (now - at < everyMs && begins === reason) return
    ;[at, reason] = [now, begins]
    io.err(`${progressWords(progress)}\n`)
  }
}
