import type { WorkloadRef } from '../clients/contracts'
import type { PlannedWorkload } from '../domain/plan'
import { RefitError } from '../domain/errors'
import type { StepVerdict, UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'
import { watchWorkload } from './watch-workload'

/**
 * Patches one workload to the plan's images and watches its new pods to a verdict. Run twice it patches once: the patch
 * is guarded by the images it replaces, and one that already stands is left alone.
 */
export const rollout =
  ({ store, kubernetes }: Dependencies) =>
  async ({ upgradeId, planHash, workload }: UpgradeKey & { workload: WorkloadRef }): Promise<StepVerdict> => {
    const plan = await store.plans.read(planHash)
    const planned = plannedWorkload(plan.workloads, workload)
    const namespace = plan.service.namespace
    const conflict = await patch(() => kubernetes.patchImages(namespace, workload, planned.containers))
    if (conflict) return conflict
    await store.upgrades.record({
      upgradeId,
      key: `patched/${workload.name}`,
      phase: 'rollout',
      kind: 'patched',
      message: `${workload.name} set to ${plan.to.tag}@${plan.to.digest}`,
    })
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
