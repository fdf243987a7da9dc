import { waitsForData } from '../domain/data-plan'
import type { Plan } from '../domain/plan'
import type { Store } from '../store/contracts'

/** The data workflow that a plan must wait for, in words; undefined when there is none. */
export async function dataConflict(store: Pick<Store, 'data' | 'plans'>, plan: Plan): Promise<string | undefined> {
  if (plan.migrations.length === 0) return undefined
  for (const row of await store.data.listOpen()) {
    const words = waitsForData(await store.plans.read(row.planHash), plan)
    if (words) return words
  }
  return undefined
}
