import { performance } from 'node:perf_hooks'
import { RefitError } from '../domain/errors'
import { againAfterMs, type BatchFailure } from '../domain/migrations/backfill-failure'
import { judge } from '../domain/migrations/backfill-pause'
import type { BackfillProgress } from '../domain/migrations/backfill-progress'
import { type Key, proofOf } from '../domain/migrations/backfill-sql'
import { afterBatch, afterTimeout, bounds, newTuning, tries, type Tuning } from '../domain/migrations/backfill-tuner'
import { type BatchWork, runBatch } from './backfill-batch'
import { type Checkpoint, saveNextPass } from './backfill-checkpoint'
import { beatLease, underLease } from './backfill-lease'
import type { BackfillSession } from './backfill-session'
import type { Signals } from './backfill-signals'
import { sleep } from './registry/sleep'

export interface PassWork extends BatchWork {
  targetMs: number
  signals: Signals
  signal?: AbortSignal | undefined
  hold?: (() => string | undefined) | undefined
  /** kept up to date */
  progress: BackfillProgress
  tell: (waitsFor?: string) => void
}

type End = 'done' | 'stopped'

const lookMs = 100
const beatMs = 5_000
/** Passes that changed nothing although the proof finds a row, after which it can't be reached. */
const idlePasses = 3

/** Over the table again and again: rows may have landed behind the cursor, and only the proof knows. */
export async function runPasses(session: BackfillSession, work: PassWork, checkpoint: Checkpoint): Promise<End> {
  const { progress } = work
  const { pass, scanned, changed, batches } = checkpoint
  Object.assign(progress, { pass, scanned, changed, batches })
  const state: PassState = { tuning: newTuning(checkpoint.rows), beatAt: performance.now(), locked: 0 }
  progress.rows = state.tuning.rows
  if (checkpoint.upto === null && (await isProven(session, work))) return 'done'
  let idle = 0
  for (let upto = checkpoint.upto; ; upto = null) {
    const before = progress.changed
    if ((await runPass(session, work, state, upto)) === 'stopped') return 'stopped'
    if (await isProven(session, work)) return 'done'
    idle = progress.changed === before ? idle + 1 : 0
    if (idle >= idlePasses) throw unreachable()
    progress.pass += 1
    progress.scanned = 0
    await underLease(session, work.lease, saveNextPass(session, work.id, progress.pass))
  }
}

const isProven = async (session: BackfillSession, { keyed }: PassWork): Promise<boolean> =>
  !(await session.finds(proofOf(session.dialect, keyed.backfill)))

interface PassState {
  tuning: Tuning
  beatAt: number
  /** batches in a row that gave up on a lock */
  locked: number
}

async function runPass(
  session: BackfillSession,
  work: PassWork,
  state: PassState,
  from: Key | null,
): Promise<'ended' | 'stopped'> {
  let upto = from
  while (await mayGo(session, work, state)) {
    const started = performance.now()
    try {
      const done = await runBatch(session, { ...work, locked: state.locked }, upto, state.tuning.rows)
      if (!done) return 'ended'
      upto = done.upto
      state.locked = 0
      state.tuning = afterBatch(state.tuning, { ...done, ms: performance.now() - started }, work.targetMs)
      count(work.progress, done, state.tuning)
      work.tell()
    } catch (error) {
      await recover(session.failure(error), error, work, state)
    }
  }
  return 'stopped'
}

function count(progress: BackfillProgress, done: { scanned: number; changed: number }, { rows }: Tuning): void {
  progress.scanned += done.scanned
  progress.scannedHere += done.scanned
  progress.changed += done.changed
  progress.batches += 1
  progress.rows = rows
}

/** Waits for as long as a signal says so; false once it is to stop. */
async function mayGo(session: BackfillSession, work: PassWork, state: PassState): Promise<boolean> {
  for (;;) {
    if (work.signal?.aborted) return false
    if (performance.now() - state.beatAt > beatMs) {
      await beatLease(session, work.lease)
      state.beatAt = performance.now()
    }
    const held = work.hold?.()
    const verdict = held === undefined ? judge(work.signals.readings(), work.keyed.backfill.pauseWhile) : undefined
    if (verdict?.go) return true
    await wait(work, lookMs, held ?? (verdict?.go === false ? verdict.reason : ''))
  }
}

async function wait({ progress, signal, tell }: PassWork, ms: number, why: string): Promise<void> {
  const started = performance.now()
  tell(why)
  // Its end is looked at by who waits.
  await sleep(ms, signal).catch(() => undefined)
  progress.pausedMs += Math.round(performance.now() - started)
}

/** After a batch that was rolled back: smaller, or the same a little later; else it throws. */
async function recover(failure: BatchFailure, error: unknown, work: PassWork, state: PassState): Promise<void> {
  if (error instanceof RefitError) throw error
  switch (failure) {
    case 'split': {
      const tuning = afterTimeout(state.tuning)
      if (!tuning) throw tooSlow(work)
      const smallest = state.tuning.rows === bounds.least
      state.tuning = tuning
      if (smallest)
        await wait(work, againAfterMs(tuning.timeouts + 4, Math.random()), 'the smallest batch was too slow')
      return
    }
    case 'again':
      state.locked += 1
      return wait(work, againAfterMs(state.locked, Math.random()), 'another session holds a lock that the batch needs')
    case 'lost':
    case 'fail':
      throw error
  }
}

const tooSlow = ({ statementTimeoutMs }: PassWork): RefitError =>
  new RefitError(
    'MIGRATION_FAILED',
    `${bounds.least} rows took longer than ${Math.round(statementTimeoutMs)} ms, ${tries} times in a row.`,
    'Look at the plan with --dry-run (an index may be missing), or give it a longer --target.',
  )

const unreachable = (): RefitError =>
  new RefitError(
    'MIGRATION_FAILED',
    `The proof still finds a row, but ${idlePasses} passes over the whole table changed nothing.`,
    'Correct proof or where: they must speak of the same rows.',
  )
