import { performance } from 'node:perf_hooks'
import type { Backfill } from '../domain/migrations/backfill'
import type { BackfillProgress } from '../domain/migrations/backfill-progress'
import { backfillId, openCheckpoint, saveEnd } from './backfill-checkpoint'
import { type Lease, takeLease, underLease } from './backfill-lease'
import { runPasses } from './backfill-passes'
import { type BackfillSession, openSession, type Target } from './backfill-session'
import { watchSignals } from './backfill-signals'

export const defaultTargetMs = 50

export interface BackfillRun {
  url: string
  backfill: Backfill
  /** who works, for whoever waits: user@host, or a workflow */
  owner: string
  /** how long a batch should take */
  targetMs?: number
  /** stops after the batch that runs */
  signal?: AbortSignal | undefined
  /** after every batch, and while it waits */
  onProgress?: (progress: BackfillProgress) => void
  /** asked before each batch: why it should wait, or undefined */
  hold?: () => string | undefined
  /** how long one statement may wait for a lock; twice the target unless given */
  lockTimeoutMs?: number
  /** how long one statement may take; ten times the target unless given */
  statementTimeoutMs?: number
}

export interface BackfillEnd {
  /** `done` is what the proof says; `stopped` is by the signal */
  outcome: 'done' | 'stopped'
  progress: BackfillProgress
}

/**
 * Runs a backfill until its proof finds no row that is still to be done, batch by batch, from where an earlier run stopped.
 * One run per table: others wait for the lease. Killed at any moment, it has changed exactly the rows of its checkpoint.
 */
export async function runBackfill(run: BackfillRun): Promise<BackfillEnd> {
  const session = await openSession(run.url)
  try {
    const target = await session.inspect(run.backfill)
    // Needs no right where they exist.
    if (!(await session.hasTables())) await session.makeTables()
    const progress = newProgress(target)
    const lease = await takeLease(session, {
      ...{ name: leaseName(target), owner: run.owner, signal: run.signal },
      waiting: (holder) => run.onProgress?.({ ...progress, waitsFor: `${holder} works on ${target.table}` }),
    })
    if (!lease) return { outcome: 'stopped', progress }
    const outcome = await runLeased(session, run, { target, lease, progress })
    return { outcome, progress }
  } catch (error) {
    throw session.errorOf(error)
  } finally {
    await session.close()
  }
}

/** One run per table, whatever it changes there. */
export const leaseName = ({ table }: Target): string => `backfill/${table}`

async function runLeased(
  session: BackfillSession,
  run: BackfillRun,
  { target, lease, progress }: { target: Target; lease: Lease; progress: BackfillProgress },
): Promise<BackfillEnd['outcome']> {
  const { targetMs = defaultTargetMs, lockTimeoutMs = 2 * targetMs, statementTimeoutMs = 10 * targetMs } = run
  const { signal, hold, backfill } = run
  const id = backfillId(backfill)
  const signals = watchSignals(() => session.signals(), backfill.pauseWhile)
  const started = performance.now()
  const tell = (waitsFor?: string): void => {
    progress.elapsedMs = Math.round(performance.now() - started)
    progress.waitsFor = waitsFor
    run.onProgress?.({ ...progress })
  }
  try {
    const checkpoint = await openCheckpoint(session, backfill, lease.name)
    const { columns, index } = target
    const keyed = { dialect: session.dialect, backfill, columns, index }
    const batch = { id, keyed, lease, lockTimeoutMs, statementTimeoutMs }
    const outcome = await runPasses(session, { ...batch, targetMs, signals, signal, hold, progress, tell }, checkpoint)
    await underLease(session, lease, saveEnd(session, id, outcome))
    // Its row stays, because the token must go on growing.
    await session.unlock(lease.name)
    tell()
    return outcome
  } finally {
    await signals.close()
  }
}

const newProgress = ({ estimatedTotal }: Target): BackfillProgress => ({
  ...{ pass: 1, scanned: 0, changed: 0, batches: 0, rows: 0, scannedHere: 0, elapsedMs: 0, pausedMs: 0 },
  ...(estimatedTotal === undefined ? {} : { estimatedTotal }),
})
