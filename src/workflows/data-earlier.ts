import {
  ActivityFailure,
  condition,
  continueAsNew,
  isCancellation,
  patched,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { UpgradeKey } from '../activities/contracts'
import type { DataPhase } from '../domain/migration'
import { causeOf } from './cause'
import { isFreeze, untilOpen as closedUntil } from './closed'
import type { data } from './data'
import { wakeSignal } from './messages'
import { quick, watching } from './proxies'

export interface DataResult {
  outcome: 'succeeded' | 'held'
  message: string
}

/** The data workflow as builds had it before it had a desk: runs that began under one of them end under it. */
export async function earlierData(key: UpgradeKey, from: DataPhase = 'backfill'): Promise<DataResult> {
  const woken = { times: 0 }
  setHandler(wakeSignal, () => void (woken.times += 1))
  if (from === 'backfill') {
    if (patched('freeze-before-backfill')) await untilOpen(key, woken, 'backfill')
    const backfilled = await run(key, 'backfill')
    if (backfilled) return backfilled
  }
  if (!(await untilOpen(key, woken, 'contract')))
    return hold(key, 'contract', 'no window of the policy ever opens outside its freezes')
  return (await run(key, 'contract')) ?? { outcome: 'succeeded', message: 'backfill and contract are done' }
}

/** Runs one phase; what stops it is told to a person. */
async function run(key: UpgradeKey, phase: DataPhase): Promise<DataResult | undefined> {
  const reason = await stopped(key, phase)
  return reason === undefined ? undefined : hold(key, phase, reason)
}

async function hold(key: UpgradeKey, phase: DataPhase, reason: string): Promise<DataResult> {
  await quick.pageData({ ...key, phase, reason })
  return { outcome: 'held', message: reason }
}

async function stopped(key: UpgradeKey, phase: DataPhase): Promise<string | undefined> {
  try {
    const verdict = await watching.data.executeWithOptions({ summary: phase }, [{ ...key, phase }])
    return verdict.kind === 'healthy' ? undefined : verdict.sentence
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error
    return causeOf(error)
  }
}

/** Waits until the phase may begin; false when no window will ever open. Backfill waits for the end of a freeze only. */
async function untilOpen(key: UpgradeKey, woken: { times: number }, phase: DataPhase): Promise<boolean> {
  for (;;) {
    const { times } = woken
    const answer = await quick.window.executeWithOptions({ summary: `may it ${phase} now?` }, [
      { ...key, now: Date.now(), underway: true },
    ])
    if (phase === 'backfill' && !isFreeze(answer)) return true
    if (answer.kind !== 'closed') return answer.kind === 'open'
    // A freeze of months, or whoever wakes it all the time.
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof data>(key, phase)
    const { until } = closedUntil(answer)
    const summary = `${phase} waits until ${new Date(until).toISOString()}, or until it is woken`
    await condition(() => woken.times !== times, Math.max(until - Date.now(), 1), { summary })
  }
}
