import { ActivityFailure, isCancellation, sleep } from '@temporalio/workflow'
import type { UpgradeKey } from '../activities/contracts'
import type { DataPhase } from '../domain/migration'
import { causeOf } from './cause'
import { quick, watching } from './proxies'

interface DataResult {
  outcome: 'succeeded' | 'held'
  message: string
}

/**
 * Backfill, then contract, after a succeeded upgrade. A failure holds and pages; it never rolls an image back, because
 * the new version runs well on the expanded schema. Contract can't be undone, so it asks freeze and windows again.
 */
export async function data(key: UpgradeKey): Promise<DataResult> {
  const backfilled = await run(key, 'backfill')
  if (backfilled) return backfilled
  if (!(await untilOpen(key))) return hold(key, 'contract', 'no window of the policy ever opens outside its freezes')
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

/** Waits for the next window; false when there is none. */
async function untilOpen(key: UpgradeKey): Promise<boolean> {
  for (;;) {
    const answer = await quick.window.executeWithOptions({ summary: 'may it contract now?' }, [
      { ...key, now: Date.now() },
    ])
    if (answer.kind !== 'closed') return answer.kind === 'open'
    const until = answer.opensAt ?? Date.now() + 3_600_000
    await sleep(until - Date.now(), {
      summary: `contract waits until ${new Date(until).toISOString()}`,
    })
  }
}
