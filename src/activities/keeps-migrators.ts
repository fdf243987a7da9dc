import type { Kubernetes, WorkloadRef } from '../clients/contracts'
import { type EventKind, stepKeys } from '../domain/event'
import { migratorState } from '../domain/migrations/restart-answer'
import type { Plan } from '../domain/plan'
import type { RolloutObservation } from '../domain/rollout'
import { workloadId } from '../domain/service'
import type { Store } from '../store/contracts'
import { pause } from './failures'
import { plannedWorkload } from './patch-workload'

const lookEveryMs = 500

/**
 * Whether a rollback leaves the migrating init containers new. Without `prepare` the plan says it. With it the evidence
 * does: once one of them ended well, or the Job did, the schema is newer and an old one would refuse it. Where none
 * did, the new one doesn't start a pod, so the old one goes back: the pods that still run belong to it, and a
 * migration that failed in its transaction changed nothing.
 */
export async function keepsMigrators(
  { store, kubernetes }: { store: Pick<Store, 'upgrades'>; kubernetes: Kubernetes },
  { plan, upgradeId, workload }: { plan: Plan; upgradeId: string; workload: WorkloadRef },
): Promise<boolean> {
  if (plan.rollback.initContainers === 'restore') return false
  if (plan.rollback.restart !== 'prepare') return true
  const kinds = new Set((await store.upgrades.events(upgradeId)).map(({ kind }) => kind))
  if (kinds.has('prepared' satisfies EventKind) || kinds.has('migrated' satisfies EventKind)) return true
  for (const deadline = Date.now() + plan.policy.rollout.deadlineMs; ; await pause(lookEveryMs)) {
    const seen = await kubernetes.observeRollout(plan.service.namespace, workload)
    if (!hasNewMigrators(plan, workload, seen)) return false
    const state = migratorState(seen.pods)
    if (state === 'runs' && Date.now() < deadline) continue
    if (state !== 'ran') return false
    // On record, so that a second run of the undo decides the same when that pod is gone.
    const message = `an init container of ${plan.to.tag} ran in ${workload.name}`
    const kind: EventKind = 'prepared'
    await store.upgrades.record({
      upgradeId,
      key: stepKeys.prepared(workloadId(workload)),
      phase: 'rollback',
      kind,
      message,
    })
    return true
  }
}

/** False once an earlier attempt has set them back: then the pods of the template are the old ones, which ran long ago. */
const hasNewMigrators = (plan: Plan, workload: WorkloadRef, { containers }: RolloutObservation): boolean =>
  plannedWorkload(plan.workloads, workload)
    .containers.filter(({ init }) => init)
    .every(({ name, to }) => containers.some((each) => each.init && each.name === name && each.image === to))
