import { expectedOf, type Expected } from '../domain/expected-duration'
import type { Plan } from '../domain/plan'
import type { Store } from '../store/contracts'

/** How long the upgrade of this plan is expected to take: what its policy says, else learned from earlier ones. */
export async function expectedDuration(
  store: { upgrades: Pick<Store['upgrades'], 'durations'> },
  { service, policy, workloads, migrations }: Pick<Plan, 'service' | 'policy' | 'workloads' | 'migrations'>,
): Promise<Expected> {
  const earlier =
    policy.expectedMs === undefined
      ? await store.upgrades.durations({ namespace: service.namespace, service: service.name })
      : []
  const size = { bakeMs: policy.rollout.bakeMs, workloads: workloads.length, migrations: migrations.length }
  return expectedOf({ policyMs: policy.expectedMs, earlier, size })
}
