import { assembleRollback, type RollbackDeps } from '../activities/assemble-rollback'
import type { ByHand } from '../activities/contracts'
import { RefitError } from '../domain/errors'
import type { Phase } from '../domain/status'
import { upgradeWorkflowId } from '../domain/temporal-names'
import type { ServiceKey } from '../store/contracts'
import type { HubTemporal } from './temporal'

/** What `refit rollback -o json` prints. */
export interface StartedRollback extends ServiceKey {
  /** the succeeded upgrade that is taken back */
  upgradeId: string
  from: string
  to: string
  /** image by container, of each workload in order */
  workloads: { workload: string; images: string[] }[]
  by: string
  reason: string
  /** null when it was only shown */
  workflowId: string | null
}

/**
 * Starts the way back of a service's last succeeded upgrade. APPROVAL_REFUSED with every reason against it: nothing has
 * succeeded, the contract has begun, somebody changed the service since, what ran can't be pulled, an upgrade is under way.
 */
export async function rollback(
  { temporal, ...deps }: RollbackDeps & { temporal: Pick<HubTemporal, 'startUpgrade'> },
  { key, dryRun, ...who }: { key: ServiceKey; dryRun: boolean } & ByHand,
): Promise<StartedRollback> {
  const { namespace, service } = key
  const id = `${namespace}/${service}`
  const open = (await deps.store.upgrades.listOpen()).find(
    (each) => each.namespace === namespace && each.service === service,
  )
  if (open)
    throw refused(
      `an upgrade of ${id} is under way (${open.toTag}, ${open.phase})`,
      isWaiting(open.phase)
        ? `To say no to it first: refit reject ${id} --reason TEXT.`
        : `To put it back: refit abort ${id} --reason TEXT.`,
    )
  const draft = await assembleRollback(deps, key)
  if (draft.kind === 'refused')
    throw refused(
      draft.problems.map(({ reason }) => reason).join('; '),
      draft.problems.map(({ next }) => next).join(' '),
    )
  const { plan, upgrade } = draft
  const workflowId = upgradeWorkflowId(namespace, service)
  const input = { ...key, candidate: plan.to, rollbackOf: { upgradeId: upgrade.id, ...who } }
  if (!dryRun && !(await temporal.startUpgrade(workflowId, input)))
    throw refused(`the workflow of ${id} runs already`, `refit status ${id} says where it stands.`)
  return {
    ...{ ...key, upgradeId: upgrade.id, from: plan.from.tag, to: plan.to.tag },
    workloads: plan.workloads.map(({ name, containers }) => ({
      workload: name,
      images: containers.map((each) => `${each.name}: ${each.from} → ${each.to}`),
    })),
    ...{ by: who.by, reason: who.reason, workflowId: dryRun ? null : workflowId },
  }
}

const refused = (reason: string, next: string): RefitError =>
  new RefitError('APPROVAL_REFUSED', `It can't be rolled back: ${reason}.`, next)

/** Nothing is written before these are over. */
const isWaiting = (phase: Phase): boolean => phase === 'plan' || phase === 'approval' || phase === 'window'
