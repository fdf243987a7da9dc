import type { PlannedUpgrade } from '../activities/contracts'
import type { Desk } from './desk'
import { assertHealthy } from './endings'
import { gate } from './gate'
import { watching } from './proxies'
import { untilSafePoint } from './safe-point'
import { keyOf } from './upgrade-key'

/** Where the policy says so, before the rollout: its proof must find no row left. Nothing is rolled yet, expand stays. */
export async function backfill(desk: Desk, plan: PlannedUpgrade): Promise<void> {
  const { before = [] } = plan
  if (before.length === 0) return
  await desk.enter('backfill', { message: before.map(({ title }) => title).join(', then ') })
  for (const { index, title } of before)
    for (let isDone = false; !isDone;) {
      await gate(desk, plan, title)
      const call = () => watching.backfill.executeWithOptions({ summary: title }, [{ ...keyOf(plan), index }])
      const verdict = await untilSafePoint(desk, call, () => desk.recorder.notes())
      if (verdict) assertHealthy(verdict)
      isDone = verdict !== undefined && !verdict.more
    }
}
