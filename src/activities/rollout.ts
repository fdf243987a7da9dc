import type { ImageChange, WorkloadRef } from '../clients/contracts'
import { type EventKind, stepKeys } from '../domain/event'
import type { PlannedWorkload } from '../domain/plan'
import type { Store } from '../store/contracts'
import { workloadId } from '../domain/service'
import { applyImages } from './apply-images'
import type { StepVerdict, UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'
import { beyondOwnHold } from './own-hold'
import { plannedWorkload } from './patch-workload'
import { samplesOf } from './health-samples'
import { assertStillOpen } from './still-open'
import { watchWorkload } from './watch-workload'

/** The images of the plan, and what they replace: what is on record as done stands, or somebody set it back. */
export async function forwardChanges(
  store: Pick<Store, 'upgrades'>,
  upgradeId: string,
  workload: Pick<PlannedWorkload, 'kind' | 'name' | 'containers'>,
): Promise<ImageChange[]> {
  const id = workloadId(workload)
  const patched = await store.upgrades.recorded(upgradeId, stepKeys.patched(id))
  const prepared = await store.upgrades.recorded(upgradeId, stepKeys.prepared(id))
  return workload.containers.map((each) => (patched || (prepared && each.init) ? { ...each, from: each.to } : each))
}

/**
 * Patches one workload to the plan's images and watches its new pods to a verdict. Run twice it patches once: the patch
 * is guarded by the images it replaces, and after one that is on record only the new images are accepted, so that what a
 * person set back meanwhile is not patched again (law 8). Where a stage held it, it goes on.
 */
export const rollout =
  ({ store, kubernetes, environment }: Dependencies) =>
  async ({ upgradeId, planHash, workload }: UpgradeKey & { workload: WorkloadRef }): Promise<StepVerdict> => {
    const plan = await store.plans.read(planHash)
    await assertStillOpen(store, upgradeId)
    const planned = plannedWorkload(plan.workloads, workload)
    const namespace = plan.service.namespace
    const key = stepKeys.patched(workloadId(workload))
    const changes = await forwardChanges(store, upgradeId, planned)
    const asked = { plan, planHash, upgradeId, workload, changes, step: 'rollout' as const }
    const conflict = await applyImages({ store, kubernetes, environment }, asked)
    if (conflict) return conflict
    const message = `${workload.name} set to ${plan.to.tag}@${plan.to.digest}`
    await store.upgrades.record({ upgradeId, key, phase: 'rollout', kind: 'patched' satisfies EventKind, message })
    const expected = {
      containers: planned.containers.map(({ name, init, to }) => ({ name, init, image: to })),
      digest: plan.to.digest,
      rules: plan.policy.rollout,
    }
    const samples = samplesOf(store, upgradeId)
    return watchWorkload(beyondOwnHold(kubernetes, upgradeId), namespace, workload, expected, undefined, samples)
  }
