import { Context } from '@temporalio/activity'
import { isWrite, type EventKind } from '../domain/event'
import { canonicalPlan, type Plan } from '../domain/plan'
import type { Problem } from '../domain/preflight'
import { assembleRollback } from './assemble-rollback'
import type { ByHand, PlanResult, UpgradeInput, UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'
import { healthRefusal } from './health-before'
import { summaryOf } from './plan'

/** Freezes the way back of the last succeeded upgrade, which must still be the one that was meant, and opens it. */
export const planRollback =
  (deps: Dependencies) =>
  async ({
    namespace,
    service,
    rollbackOf,
  }: UpgradeInput & { rollbackOf: ByHand & { upgradeId: string } }): Promise<PlanResult> => {
    const { store } = deps
    const draft = await assembleRollback(
      { ...deps, signal: Context.current().cancellationSignal, acts: true },
      { namespace, service },
    )
    if (draft.kind === 'refused') return { kind: 'refused', reason: inWords(draft.problems) }
    const { by, verified, reason, upgradeId } = rollbackOf
    if (draft.upgrade.id !== upgradeId)
      return {
        kind: 'refused',
        reason: `upgrade ${draft.upgrade.id} has succeeded since ${upgradeId}, which was meant`,
      }
    const planHash = await store.plans.save(draft.plan)
    const { id } = await store.upgrades.open(draft.plan, planHash)
    const message = `rollback of ${upgradeId} to ${draft.plan.to.tag} by ${by}: ${reason}`
    const kind: EventKind = 'requested'
    await store.upgrades.record({ upgradeId: id, key: 'by-hand', phase: 'plan', kind, message, by, verified })
    return { kind: 'planned', plan: summaryOf(draft.plan, planHash, id) }
  }

/** The last look before the first write of a rollback by hand: it must come out the same. */
export async function preflightRollback(
  deps: Dependencies,
  plan: Plan,
  { upgradeId }: Pick<UpgradeKey, 'upgradeId'>,
): Promise<{ kind: 'ok' } | { kind: 'refused'; reason: string }> {
  const { namespace, name } = plan.service
  if ((await deps.store.upgrades.events(upgradeId)).some(({ kind }) => isWrite(kind))) return { kind: 'ok' }
  const signal = Context.current().cancellationSignal
  const draft = await assembleRollback({ ...deps, signal, acts: true }, { namespace, service: name })
  if (draft.kind === 'refused') return { kind: 'refused', reason: inWords(draft.problems) }
  if (canonicalPlan(draft.plan) !== canonicalPlan(plan))
    return {
      kind: 'refused',
      reason: `what a rollback would do has changed since. Run refit rollback ${namespace}/${name} again.`,
    }
  // It may be taken back because of these very checks: what fails now is put on record, and refuses nothing.
  await healthRefusal(deps, { plan, upgradeId })
  await deps.store.snapshots.saveOnce(
    upgradeId,
    plan.workloads.map(({ kind, name: workload, uid, containers }) => ({
      workload: { kind, name: workload, uid },
      containers: containers.map(({ name: container, init, from }) => ({ name: container, init, image: from })),
    })),
  )
  return { kind: 'ok' }
}

const inWords = (problems: Problem[]): string => problems.map(({ reason, next }) => `${reason}. ${next}`).join(' ')
