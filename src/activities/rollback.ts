import { Context } from '@temporalio/activity'
import type { Kubernetes, WorkloadRef } from '../clients/contracts'
import type { PlannedWorkload } from '../domain/plan'
import { type EventKind, stepKeys } from '../domain/event'
import { workloadId } from '../domain/service'
import { applyImages } from './apply-images'
import { isUncommitted } from './commit-images'
import type { StepVerdict, UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'
import { samplesOf } from './health-samples'
import { keepsMigrators } from './keeps-migrators'
import { beyondOwnHold } from './own-hold'
import { plannedWorkload } from './patch-workload'
import { restoredImages } from './restored-images'
import { undoJudge } from './undo-judge'
import { look, watchWorkload } from './watch-workload'

/**
 * Restores one workload to what was remembered before the first write, never to "what runs now". After expand, a
 * migrating init container stays new where the plan says so (and, if it was to prepare the schema, has done it): an older
 * one would refuse the newer schema (knex: "The migration directory is corrupt"), and the old application would not start.
 */
export const rollback =
  (deps: Dependencies) =>
  async ({ upgradeId, planHash, workload }: UpgradeKey & { workload: WorkloadRef }): Promise<StepVerdict> => {
    const { store } = deps
    const kubernetes = beyondOwnHold(deps.kubernetes, upgradeId)
    const plan = await store.plans.read(planHash)
    const planned = plannedWorkload(plan.workloads, workload)
    const snapshot = (await store.snapshots.read(upgradeId)).find((each) => each.workload.uid === workload.uid)
    if (!snapshot) {
      if (await isUntouched(kubernetes, plan.service.namespace, workload, planned)) return untouched(workload)
      return {
        kind: 'unknown',
        reason: 'no-snapshot',
        sentence: `what ${workload.name} ran before is not on record, and it does not run ${plan.from.tag}; the store may have been restored from an older backup`,
      }
    }

    const restored = stepKeys.restored(workloadId(workload))
    // After an earlier attempt's restore the workload looks untouched too, but its pods still have to be waited for.
    const written = await Promise.all(
      [stepKeys.preparing(workloadId(workload)), stepKeys.patched(workloadId(workload)), restored].map((key) =>
        store.upgrades.recorded(upgradeId, key),
      ),
    )
    if (
      !written.some(Boolean) &&
      (await isUntouched(kubernetes, plan.service.namespace, workload, planned)) &&
      (await isUncommitted(deps, plan, planned))
    )
      return untouched(workload)

    const keeps = await keepsMigrators({ store, kubernetes }, { plan, upgradeId, workload })
    const keepsNew = ({ init }: { init: boolean }): boolean => init && keeps
    const kept = planned.containers.filter(keepsNew)
    const containers = planned.containers.filter((each) => !keepsNew(each))
    const wanted = await restoredImages({ ...deps, kubernetes }, { plan, workload, containers }, snapshot)
    // What was put back already stays; what a person set since is a conflict (law 8). Git knows its own commits.
    const isRestored = Boolean(written.at(-1)) && plan.policy.gitops === undefined
    const changes = isRestored ? wanted.map((each) => ({ ...each, from: each.to })) : wanted
    const asked = { plan, planHash, upgradeId, workload, changes, step: 'rollback' as const }
    const conflict = await applyImages({ ...deps, kubernetes }, asked)
    if (conflict) return conflict
    await store.upgrades.record({
      upgradeId,
      key: restored,
      phase: 'rollback',
      kind: 'restored' satisfies EventKind,
      message: `${workload.name} set back to ${plan.from.tag}${kept.length > 0 ? `; ${kept.map((each) => each.name).join(', ')} stays at ${plan.to.tag}, because the schema may be newer` : ''}`,
    })
    const expected = {
      containers: [...changes, ...kept].map(({ name, init, to }) => ({ name, init, image: to })),
      digest: plan.from.digest,
      rules: plan.policy.rollout,
    }
    const judge = undoJudge(kubernetes, plan.service.namespace, workload, expected)
    return watchWorkload(kubernetes, plan.service.namespace, workload, expected, judge, samplesOf(store, upgradeId))
  }

const untouched = ({ name }: WorkloadRef): StepVerdict => ({
  ...{ kind: 'healthy', reason: 'untouched', sentence: `${name} was never changed` },
})

/** The patch never landed: what runs is what ran before, and there is nothing to watch. */
async function isUntouched(
  kubernetes: Kubernetes,
  namespace: string,
  workload: WorkloadRef,
  { containers }: PlannedWorkload,
): Promise<boolean> {
  const seen = await look(() => kubernetes.observeRollout(namespace, workload, Context.current().cancellationSignal))
  if (!('observation' in seen)) return false
  return containers.every(({ name, init, from }) =>
    seen.observation.containers.some((each) => each.name === name && each.init === init && each.image === from),
  )
}
