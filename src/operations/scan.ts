import { RefitError } from '../domain/errors'
import type { Store } from '../store/contracts'
import type { HubTemporal } from './temporal'

/** What `refit scan -o json` prints; with `--no-wait` only `workflowId` and `alreadyRan` are known. */
export interface ScanResult {
  workflowId: string
  /** one ran already when this was asked, and its result is what follows */
  alreadyRan: boolean
  result: {
    /** every watched image was read */
    complete: boolean
    summary: string
    /** services whose upgrade this scan started */
    started: string[]
    decisions: ScanDecision[]
  } | null
}

export interface ScanDecision {
  namespace: string
  service: string
  kind: string
  current: string
  candidate: { tag: string; digest: string } | null
  reason: string
  policy: string | null
  mode: string | null
}

interface Options {
  wait: boolean
  timeoutMs: number
  /** told in words what is being waited for, whenever that changes */
  say: (text: string) => void
}

const pollEveryMs = 500

/** Tells of every scan that ends after this call, until the signal fires. */
export async function followScans(
  { store, temporal }: { store: Pick<Store, 'decisions' | 'scans'>; temporal: HubTemporal },
  { since, signal, seen }: { since: Date; signal: AbortSignal; seen: (scan: ScanResult) => void },
): Promise<void> {
  let last = since
  while (!signal.aborted) {
    const scan = await store.scans.last()
    if (scan && scan.endedAt > last) {
      last = scan.endedAt
      const state = await temporal.scanState(scan.id)
      const { complete, summary } = scan
      const started = state.kind === 'done' ? state.started : []
      seen({
        workflowId: scan.id,
        alreadyRan: false,
        result: { complete, summary, started, decisions: await decisionsOf(store) },
      })
    }
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs))
  }
}

/**
 * Triggers the scan Schedule and, unless told otherwise, waits for the result. NO_WORKER when nobody could run it,
 * WAIT_EXPIRED when it didn't end in time; it goes on by itself then.
 */
export async function scan(
  { store, temporal }: { store: Pick<Store, 'decisions'>; temporal: HubTemporal },
  { wait, timeoutMs, say }: Options,
): Promise<ScanResult> {
  const until = Date.now() + timeoutMs
  if (wait && (await temporal.workers()) === 0)
    throw new RefitError(
      'NO_WORKER',
      'No worker polls task queue refit, so nobody would scan.',
      'Start one: refit worker. With --no-wait the scan is left for it.',
    )
  say('the Schedule refit/scan to start a run')
  const run = await temporal.triggerScan()
  if (!run)
    throw new RefitError(
      'WAIT_EXPIRED',
      'The Schedule refit/scan was triggered but started no run.',
      'Run refit doctor: it may be paused.',
    )
  if (!wait) return { ...run, result: null }
  const { complete, summary, started } = await untilDone(temporal, run.workflowId, { until, say })
  return { ...run, result: { complete, summary, started, decisions: await decisionsOf(store) } }
}

async function untilDone(
  temporal: HubTemporal,
  workflowId: string,
  { until, say }: { until: number; say: Options['say'] },
) {
  for (;;) {
    const state = await temporal.scanState(workflowId)
    if (state.kind === 'done') return state
    if (state.kind === 'failed')
      throw new RefitError('INTERNAL', `The scan ${workflowId} failed: ${state.reason}.`, 'Run refit doctor.')
    if (Date.now() >= until)
      throw new RefitError(
        'WAIT_EXPIRED',
        `The scan has not ended yet; it waits for ${state.waitingFor}.`,
        'It goes on by itself: refit status shows its result, refit doctor what is missing.',
      )
    say(state.waitingFor)
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs))
  }
}

/** The decisions as they are printed. */
async function decisionsOf(store: Pick<Store, 'decisions'>): Promise<ScanDecision[]> {
  const decisions = await store.decisions.list()
  return decisions.map(({ namespace, service, kind, current, candidate, reason, policy, mode }) => ({
    ...{ namespace, service, kind, current, reason },
    ...{ candidate: candidate ?? null, policy: policy ?? null, mode: mode ?? null },
  }))
}
