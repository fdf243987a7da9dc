import { performance } from 'node:perf_hooks'
import type { Client } from 'pg'
import type { Backfill } from '../domain/migrations/backfill'
import type { BackfillProgress } from '../domain/migrations/backfill-progress'
import { backfillId, openCheckpoint, saveEnd } from './backfill-checkpoint'
import { closeQuietly, connectDirectly } from './backfill-connection'
import { backfillError } from './backfill-errors'
import { type Lease, releaseLease, takeLease, underLease } from './backfill-lease'
import { runPasses } from './backfill-passes'
import { watchSignals } from './backfill-signals'
import { makeTables } from './backfill-tables'
import { inspectTarget, type Target } from './backfill-target'

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
  const client = await connectDirectly(run.url)
  try {
    await settle(client)
    const target = await inspectTarget(client, run.backfill)
    await makeTables(client)
    const progress = newProgress(target)
    const lease = await takeLease(client, {
      ...{ name: leaseName(target), owner: run.owner, signal: run.signal },
      waiting: (holder) => run.onProgress?.({ ...progress, waitsFor: `${holder} works on ${target.table}` }),
    })
    if (!lease) return { outcome: 'stopped', progress }
    const outcome = await runLeased(client, run, { target, lease, progress })
    return { outcome, progress }
  } catch (error) {
    throw backfillError(error)
  } finally {
    await closeQuietly(client)
  }
}

/** One run per table, whatever it changes there. */
export const leaseName = ({ table }: Target): string => `backfill/${table}`

async function runLeased(
  client: Client,
  run: BackfillRun,
  { target, lease, progress }: { target: Target; lease: Lease; progress: BackfillProgress },
): Promise<BackfillEnd['outcome']> {
  const { targetMs = defaultTargetMs, lockTimeoutMs = 2 * targetMs, statementTimeoutMs = 10 * targetMs } = run
  const { signal, hold, backfill } = run
  const id = backfillId(backfill)
  const signals = watchSignals(run.url, backfill.pauseWhile, await pidOf(client))
  const started = performance.now()
  const tell = (waitsFor?: string): void => {
    progress.elapsedMs = Math.round(performance.now() - started)
    progress.waitsFor = waitsFor
    run.onProgress?.({ ...progress })
  }
  try {
    const checkpoint = await openCheckpoint(client, backfill, lease.name)
    const batch = { id, backfill, columns: target.columns, lease, lockTimeoutMs, statementTimeoutMs }
    const outcome = await runPasses(client, { ...batch, targetMs, signals, signal, hold, progress, tell }, checkpoint)
    await underLease(client, lease, () => saveEnd(client, id, outcome))
    await releaseLease(client, lease)
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

async function settle(client: Client): Promise<void> {
  // A process that stands still must not hold rows. Keys are kept as text, which must mean the same to every role.
  await client.query(
    `set idle_in_transaction_session_timeout = '5s'; set lock_timeout = '5s'; set datestyle = 'ISO'; set extra_float_digits = 1`,
  )
  // One that is gone must not hold the lease until its statement ends; not every platform can look.
  await client.query(`set client_connection_check_interval = '2s'`).catch(() => undefined)
}

async function pidOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  return rows[0]?.pid ?? 0
}
