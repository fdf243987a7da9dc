import { explainPlan } from '../domain/explain-plan'
import type { ServiceKey, Store } from '../store/contracts'

/** A plan as people read it before they answer. */
export interface ShownPlan {
  hash: string
  lines: string[]
}

export interface PlanStore {
  upgrades: Pick<Store['upgrades'], 'listOpen'>
  plans: Pick<Store['plans'], 'read'>
}

/** The plan of the open upgrade of a service; null when nothing is under way. */
export async function openPlan(store: PlanStore, key: ServiceKey): Promise<ShownPlan | null> {
  const open = (await store.upgrades.listOpen()).find(
    ({ namespace, service }) => namespace === key.namespace && service === key.service,
  )
  return open ? { hash: open.planHash, lines: explainPlan(await store.plans.read(open.planHash), open.planHash) } : null
}
