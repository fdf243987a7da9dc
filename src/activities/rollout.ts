import type { WorkloadRef } from '../clients/contracts'
import type { PlannedWorkload } from '../domain/plan'
import { RefitError } from '../domain/errors'
import type { StepVerdict, UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'
import { assertStillOpen } from './still-open'
import { watchWorkload } from './watch-workload'

/**
 * Patches one workload to the plan's images and watches its new pods to a verdict. Run twice it patches once: the patch
 * is guarded by the images it replaces, and after one that is on record only the new images are accepted, so that what a
 * person set back meanwhile is not patched again (law 8).
 */
export const rollout =
  ({ store, kubernetes }: Dependencies) =>
  async ({ upgradeId, planHash, workload }: UpgradeKey & { workload: WorkloadRef }): Promise<StepVerdict> => {
    const plan = await store.plans.read(planHash)
    await assertStillOpen(store, upgradeId)
    const planned = plannedWorkload(plan.workloads, workload)
    const namespace = plan.service.namespace
    const key = `patched/${workload.name}`
    const patched = await store.upgrades.recorded(upgradeId, key)
    const changes = patched ? planned.containers.map((each) => ({ ...each, from: each.to })) : planned.containers
    const conflict = await patch(() => kubernetes.patchImages(namespace, workload, changes))
    if (conflict) return conflict
    const message = `${workload.name} set to ${plan.to.tag}@${plan.to.digest}`
    await store.upgrades.record({ upgradeId, key, phase: 'rollout', kind: 'patched', message })
    return watchWorkload(kubernetes, namespace, workload, {
      containers: planned.containers.map(({ name, init, to }) => ({ name, init, image: to })),
      digest: plan.to.digest,
      rules: plan.policy.rollout,
    })
  }

export function plannedWorkload(workloads: PlannedWorkload[], { name, uid }: WorkloadRef): PlannedWorkload {
  const planned = workloads.find((each) => each.name === name && each.uid === uid)
  if (!planned)
    throw new RefitError('PLAN_CHANGED', `The plan has no workload ${name}.`, 'Run refit scan for a new plan.')
  return planned
}

/** A conflict is somebody else's change: a verdict, not an error. */
export async function patch(apply: () => Promise<unknown>): Promise<StepVerdict | undefined> {
  try {
    await apply()
    return undefined
  } catch (error) {
    if (!(error instanceof RefitError)) throw error
    if (error.code === 'KUBERNETES_CONFLICT' || error.code === 'KUBERNETES_NOT_FOUND')
      return { kind: 'conflict', reason: 'changed-by-somebody', sentence: error.message }
    throw error
  }
}
