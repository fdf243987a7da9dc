import type { WorkloadRef } from '../clients/contracts'
import type { StepVerdict, UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'
import { patch, plannedWorkload } from './rollout'
import { watchWorkload } from './watch-workload'

/**
 * Restores one workload to what was remembered before the first write, never to "what runs now". After expand, a
 * migrating init container stays new where the plan says so: an older one would refuse the newer schema
 * (knex: "The migration directory is corrupt"), and the old application would not start.
 */
export const rollback =
  ({ store, kubernetes }: Dependencies) =>
  async ({ upgradeId, planHash, workload }: UpgradeKey & { workload: WorkloadRef }): Promise<StepVerdict> => {
    const plan = await store.plans.read(planHash)
    const planned = plannedWorkload(plan.workloads, workload)
    const snapshot = (await store.snapshots.read(upgradeId)).find((each) => each.workload.uid === workload.uid)
    if (!snapshot) return { kind: 'healthy', reason: 'untouched', sentence: `${workload.name} was never changed` }

    const changes = planned.containers
      .filter(({ init }) => !(init && plan.rollback.initContainers === 'keep-new'))
      .map(({ name, init, to }) => ({ name, init, from: to, to: imageOf(snapshot.containers, name, init, to) }))
    const kept = planned.containers.filter(({ init }) => init && plan.rollback.initContainers === 'keep-new')

    const conflict = await patch(() => kubernetes.patchImages(plan.service.namespace, workload, changes))
    if (conflict) return conflict
    await store.upgrades.record({
      upgradeId,
      key: `restored/${workload.name}`,
      phase: 'rollback',
      kind: 'restored',
      message: `${workload.name} set back to ${plan.from.tag}${kept.length > 0 ? `; ${kept.map((each) => each.name).join(', ')} stays at ${plan.to.tag}, because the schema may be newer` : ''}`,
    })
    const expected = [...changes, ...kept].map(({ name, init, to }) => ({ name, init, image: to }))
    return watchWorkload(kubernetes, plan.service.namespace, workload, {
      containers: expected,
      digest: plan.from.digest,
      rules: plan.policy.rollout,
    })
  }

function imageOf(
  containers: { name: string; init: boolean; image: string }[],
  name: string,
  init: boolean,
  otherwise: string,
): string {
  return containers.find((each) => each.name === name && each.init === init)?.image ?? otherwise
}
