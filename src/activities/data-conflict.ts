import { schemaUsers, waitsForData } from '../domain/data-plan'
import type { Plan } from '../domain/plan'
import { serviceId } from '../domain/service'
import { whyNotPast } from '../domain/schema-users'
import type { Store } from '../store/contracts'

/** The data workflow that a plan must wait for, in words; undefined when there is none. */
export async function dataConflict(store: Pick<Store, 'data' | 'plans'>, plan: Plan): Promise<string | undefined> {
  if (plan.migrations.length === 0) return undefined
  for (const row of await store.data.listOpen()) {
    const running = await store.plans.read(row.planHash)
    // Its contract waits for this very upgrade, and while that one may still go back.
    if (row.phase === 'window' && isAwaited(running, plan)) continue
    const words = waitsForData(running, plan)
    if (words) return words
  }
  return undefined
}

const isAwaited = (running: Plan, { service, from }: Plan): boolean =>
  schemaUsers(running).some(
    (user) => user.service === serviceId(service) && 'range' in user.past && whyNotPast(user, from.tag) !== undefined,
  )
