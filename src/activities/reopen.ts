import type { PlanResult, Resumption } from './contracts'
import type { Dependencies } from './dependencies'
import { summaryOf } from './plan'

/** Opens a held or orphaned upgrade again under its plan, for the workflow that carries it from here. */
export const reopen =
  ({ store }: Dependencies) =>
  async ({ upgradeId, planHash, ...resumption }: Resumption): Promise<PlanResult> => {
    const plan = await store.plans.read(planHash)
    await store.upgrades.reopen(upgradeId, resumption)
    return { kind: 'planned', plan: summaryOf(plan, planHash, upgradeId) }
  }
