import { Context } from '@temporalio/activity'
import { policyFor } from '../config'
import { isWrite } from '../domain/event'
import { planDifferences } from '../domain/explain-plan'
import { lostSight } from '../domain/migrations/image-words'
import { undoImage } from '../domain/plan'
import { pullSecretsOf } from '../domain/service'
import { wordList } from '../domain/text'
import { assemblePlan } from './assemble-plan'
import { backupRefusal } from './backup-gate'
import { checkNow } from './check-now'
import { dataConflict } from './data-conflict'
import type { UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'
import type { UpgradeEvent } from '../store/contracts'
import { healthRefusal } from './health-before'
import { preflightRollback } from './plan-rollback'
import { unsignedWords } from './signed'
import { assertStillOpen } from './still-open'

/**
 * The last look before the first write: the plan is made again from what runs, is configured and is published now, and
 * must come out the same (law 2), with what its rehearsal said; then the cluster must be able to take it, and a backup be
 * proven where the policy asks for one. What runs is remembered once, for the undo.
 */
export const preflight =
  (deps: Dependencies) =>
  async ({
    upgradeId,
    planHash,
    approvalRequired = false,
  }: UpgradeKey & { approvalRequired?: boolean }): Promise<{ kind: 'ok' } | { kind: 'refused'; reason: string }> => {
    const { store, registry } = deps
    const plan = await store.plans.read(planHash)
    await assertStillOpen(store, upgradeId)
    if (plan.rollbackOf !== undefined) return preflightRollback(deps, plan, { upgradeId })
    // After a reset the first write may already stand, and today's state would look like somebody's change.
    const events = await store.upgrades.events(upgradeId)
    if (events.some(({ kind }) => isWrite(kind))) return { kind: 'ok' }
    if (approvalRequired && !isApproved(events))
      return {
        kind: 'refused',
        reason: `the approval of plan ${planHash} is not on record; the store may have been restored from an older backup. Run refit scan and approve the new plan.`,
      }

    const candidate = { tag: plan.to.tag, digest: plan.to.digest }
    const { namespace, name } = plan.service
    const { cancellationSignal: signal, info } = Context.current()
    const { draft, service } = await assemblePlan(
      // A database that fails over must not cost an approval: about two minutes.
      { ...deps, signal, waits: info.attempt < 10 },
      { namespace, service: name, candidate },
    )
    const digestNow = await registry.digestOf(plan.service.repository, plan.to.tag, {
      pullSecrets: service ? pullSecretsOf(service) : [],
    })
    const checked = await checkNow({ ...deps, signal, acts: true }, { plan, service, candidateDigestNow: digestNow })
    if (checked.kind === 'refused')
      return { kind: 'refused', reason: checked.problems.map(({ reason, next }) => `${reason}. ${next}`).join(' ') }
    if (draft.kind === 'refused') return { kind: 'refused', reason: `${draft.reason}. ${draft.next}` }
    const lost = lostSight(plan.migrations, draft.plan.migrations)
    if (lost !== undefined)
      return {
        kind: 'refused',
        reason: `the migrations of its images can't be compared with the plan any more: ${lost}. Run refit scan once that can be read.`,
      }
    const changed = planDifferences(plan, draft.plan)
    if (changed.length > 0)
      return {
        kind: 'refused',
        reason: `the plan ${planHash} is void, because ${wordList(changed)} changed since. Run refit scan and approve the new plan.`,
      }
    const { repository } = plan.service
    const policy = policyFor(deps.config, namespace, repository)
    const unsigned = service && (await unsignedWords(registry, { ...candidate, policy, service, signal }))
    if (unsigned) return { kind: 'refused', reason: unsigned }
    const unproven = await backupRefusal(deps, plan)
    if (unproven) return { kind: 'refused', reason: unproven }

    const unhealthy = await healthRefusal(deps, { plan, upgradeId })
    if (unhealthy) return { kind: 'refused', reason: unhealthy }

    const data = await dataConflict(store, plan)
    if (data) return { kind: 'refused', reason: `it must wait for the ${data}. refit data status says how far it is.` }

    await store.snapshots.saveOnce(
      upgradeId,
      plan.workloads.map(({ kind, name, uid, containers }) => ({
        workload: { kind, name, uid },
        containers: containers.map((each) => ({ name: each.name, init: each.init, image: undoImage(plan, each) })),
      })),
    )
    return { kind: 'ok' }
  }

/** Law 12: what no record has is no approval, whoever remembers one. Whoever took theirs back gave none. */
function isApproved(events: readonly Pick<UpgradeEvent, 'kind' | 'by'>[]): boolean {
  const people = new Set<string | null>()
  for (const { kind, by } of events) {
    if (kind === 'approved' || kind === 'voted') people.add(by)
    if (kind === 'withdrawn') people.delete(by)
  }
  return people.size > 0
}
