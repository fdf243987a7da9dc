import type { WorkloadRef } from '../clients/contracts'
import { type EventKind, stepKeys } from '../domain/event'
import { wordList } from '../domain/text'
import { workloadId } from '../domain/service'
import { applyImages } from './apply-images'
import type { StepVerdict, UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'
import { plannedWorkload } from './patch-workload'
import { assertStillOpen } from './still-open'
import { watchWorkload } from './watch-workload'

/**
 * Rolls one workload of the old application with the new migrating init containers, which migrate, and watches it like
 * any rollout: from then on its template starts old pods on the newer schema. Run twice it patches once, as `rollout` does.
 */
export const prepare =
  ({ store, kubernetes, environment }: Dependencies) =>
  async ({ upgradeId, planHash, workload }: UpgradeKey & { workload: WorkloadRef }): Promise<StepVerdict> => {
    const plan = await store.plans.read(planHash)
    await assertStillOpen(store, upgradeId)
    const { containers } = plannedWorkload(plan.workloads, workload)
    const migrators = containers.filter(({ init }) => init)
    const namespace = plan.service.namespace
    const key = stepKeys.preparing(workloadId(workload))
    const record = (key: string, kind: EventKind, message: string): Promise<unknown> =>
      store.upgrades.record({ upgradeId, key, phase: 'expand', kind, message })

    const patched = await store.upgrades.recorded(upgradeId, key)
    const changes = migrators.map((each) => (patched ? { ...each, from: each.to } : each))
    const asked = { plan, planHash, upgradeId, workload, changes, step: 'prepare' as const }
    const conflict = await applyImages({ store, kubernetes, environment }, asked)
    if (conflict) return conflict
    const names = wordList(migrators.map(({ name }) => name))
    await record(key, 'patched', `${names} of ${workload.name} set to ${plan.to.tag}; its application stays`)
    const verdict = await watchWorkload(kubernetes, namespace, workload, {
      containers: containers.map(({ name, init, from, to }) => ({ name, init, image: init ? to : from })),
      digest: plan.from.digest,
      rules: plan.policy.rollout,
    })
    if (verdict.kind === 'healthy')
      await record(stepKeys.prepared(workloadId(workload)), 'prepared', `${workload.name} starts on the newer schema`)
    return verdict
  }
