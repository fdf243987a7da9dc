import type { PlannedUpgrade, StageKey } from '../activities/contracts'
import type { Desk } from './desk'
import { assertHealthy } from './endings'
import { whilePaused } from './gate'
import { watching } from './proxies'
import { keyOf } from './upgrade-key'

/** Has a rollout stand still with its first new pods, and watches them beside the old ones, as often as the plan says. */
export async function stages(desk: Desk, plan: PlannedUpgrade, workload: StageKey['workload']): Promise<void> {
  for (const [stage, title] of (plan.stages ?? []).entries()) {
    const key = { ...keyOf(plan), workload, stage }
    const reached = await watching.canary.executeWithOptions({ summary: `${workload.name} → ${plan.to}: ${title}` }, [
      key,
    ])
    assertHealthy(reached)
    if (!reached.holds) continue
    assertHealthy(await watching.bake.executeWithOptions({ summary: `watch ${title} of ${workload.name}` }, [key]))
    await whilePaused(desk, plan)
  }
}
