import { contractRules, dataSteps, hasSameData } from '../domain/data-plan'
import { dataKind, stepKeys } from '../domain/event'
import { approvalRulesOf, type Plan } from '../domain/plan'
import type { Store } from '../store/contracts'
import type { UpgradeKey } from './contracts'
import type { DataLeft, PlannedData } from './data-contracts'
import type { Dependencies } from './dependencies'

/**
 * Opens a run of the data workflow of an upgrade. Run twice it finds the same open run. What a person has had done since
 * the upgrade looked (its worker died in between) is not asked for again.
 */
export const openData =
  ({ store }: Pick<Dependencies, 'store'>) =>
  async ({ upgradeId, planHash }: UpgradeKey): Promise<PlannedData> => {
    const plan = await store.plans.read(planHash)
    const asked = contractRules(plan)
    const isDone = await isDataDone(store, plan)
    const steps = (phase: 'backfill' | 'contract') => (isDone ? [] : dataSteps(plan, phase))
    const { id: dataId, namespace, service } = await store.data.open(plan, { upgradeId, planHash })
    const nobodyAsked = { ...approvalRulesOf(plan), required: 0, groups: [], makerChecker: false }
    return {
      ...{ dataId, upgradeId, planHash, namespace, service, from: plan.from.tag, to: plan.to.tag },
      ...{ backfill: steps('backfill'), contract: steps('contract') },
      rules: asked && !('problem' in asked) ? asked : { approval: nobodyAsked },
      ...(!isDone && asked && 'problem' in asked ? { problem: asked.problem } : {}),
    }
  }

/** Whether the last data workflow of the service that succeeded had the same files. */
async function isDataDone(store: Store, plan: Plan): Promise<boolean> {
  const { namespace, name: service } = plan.service
  const done = await store.data.lastSucceeded({ namespace, service })
  return done !== undefined && hasSameData(await store.plans.read(done.planHash), plan)
}

const lookedAt = 20

/**
 * Whether a succeeded upgrade has backfills or contracts that are neither done nor being done: the same files again, as
 * every bugfix brings them, are nothing to do.
 */
export const dataLeft =
  ({ store }: Pick<Dependencies, 'store'>) =>
  async ({ upgradeId, planHash }: UpgradeKey): Promise<DataLeft> => {
    const plan = await store.plans.read(planHash)
    const { namespace, name: service } = plan.service
    const key = { namespace, service }
    const done = await store.data.lastSucceeded(key)
    const running = (await store.data.listOpen()).filter(
      (row) => row.namespace === namespace && row.service === service,
    )
    for (const { planHash: hash } of [...running, ...(done ? [done] : [])])
      if (hasSameData(await store.plans.read(hash), plan)) return { start: false }
    return { start: !(await doneByEarlierBuild(store, plan, upgradeId)) }
  }

/** Builds before data workflows had rows of their own left only the events of their upgrade. */
async function doneByEarlierBuild(store: Store, plan: Plan, upgradeId: string): Promise<boolean> {
  const { namespace, name: service } = plan.service
  const steps = dataSteps(plan, 'contract')
  if (steps.length === 0) return false
  for (const row of await store.upgrades.list({ namespace, service, limit: lookedAt })) {
    if (row.id === upgradeId || row.outcome !== 'succeeded') continue
    if (!hasSameData(await store.plans.read(row.planHash), plan)) continue
    const kinds = await Promise.all(
      steps.map(async ({ index }) => {
        const event = await store.upgrades.recorded(row.id, stepKeys.data('contract', index, 'healthy'))
        return event?.kind === dataKind('contract', true)
      }),
    )
    if (kinds.every(Boolean)) return true
  }
  return false
}
