import { Context } from '@temporalio/activity'
import type { WorkloadRef } from '../clients/contracts'
import { policyFor } from '../config'
import { backfillsBefore } from '../domain/data-plan'
import { hasMigrator } from '../domain/migrations/restart-answer'
import { type Plan, type PlannedWorkload, rulesOf } from '../domain/plan'
import { stagesOf } from '../domain/rollout-stages'
import type { Service } from '../domain/service'
import { clean } from '../domain/text'
import { leaveOf } from './release-leave'
import type { Store } from '../store/contracts'
import { assemblePlan } from './assemble-plan'
import { checkNow } from './check-now'
import type { PlannedUpgrade, PlanResult, UpgradeInput } from './contracts'
import type { Dependencies } from './dependencies'
import { promotionOf } from './promoted'
import { unsignedWords } from './signed'

/** They travel with the workflow. */
const mostWarnings = 20

/** Freezes what would be done and opens the upgrade under it. Run twice it finds the same open upgrade. */
export const plan =
  (deps: Dependencies) =>
  async (input: UpgradeInput): Promise<PlanResult> => {
    const means = { ...deps, signal: Context.current().cancellationSignal }
    const { draft, service } = await assemblePlan(means, input)
    const refusal = await refusalOf(deps.store, input)
    if (refusal) return { kind: 'refused', reason: refusal }
    if (draft.kind === 'refused') return { kind: 'refused', reason: `${draft.reason}. ${draft.next}` }
    // What preflight would refuse is refused now, before a person is asked.
    const asked = { plan: draft.plan, service, candidateDigestNow: input.candidate.digest }
    const checked = await checkNow({ ...means, acts: true }, asked)
    if (checked.kind === 'refused')
      return { kind: 'refused', reason: checked.problems.map(({ reason, next }) => `${reason}. ${next}`).join(' ') }
    const planHash = await deps.store.plans.save(draft.plan)
    const { release } = input
    const about = { planHash, mustAsk: draft.plan.policy.approval.required > 0 }
    const leave = release && (await leaveOf(deps, { ...input, release }, about))
    if (leave?.kind === 'refused') return leave
    // A release asked for exactly this plan before it began; a hub that is away since must not stop its line half way.
    const unproved = leave?.isAsPlanned ? undefined : await unprovedWords(deps, draft.plan)
    if (unproved) return { kind: 'refused', reason: unproved }
    const unsigned = service && (await unsignedWords(deps.registry, signedBy(deps, draft.plan, service)))
    if (unsigned) return { kind: 'refused', reason: unsigned }
    const { id } = await deps.store.upgrades.open(draft.plan, planHash)
    if (release) await deps.store.releases.opened(release.id, input, id)
    const warnings = checked.warnings.slice(0, mostWarnings).map((warning) => clean(warning, 400))
    const planned = { ...summaryOf(draft.plan, planHash, id), ...(warnings.length > 0 ? { warnings } : {}) }
    // The release's approval was for exactly this plan.
    return { kind: 'planned', plan: leave?.asks === false ? { ...planned, approvalRequired: false } : planned }
  }

/** What was decided about this digest since the scan looked: an upgrade may have ended in between. */
async function refusalOf(
  store: Store,
  { namespace, service, candidate, release }: UpgradeInput,
): Promise<string | undefined> {
  const failed = (await store.quarantine.list()).find(
    (each) => each.namespace === namespace && each.service === service && each.digest === candidate.digest,
  )
  if (failed) return `${candidate.tag} is quarantined: ${failed.reason}`
  // A rejection keeps scans from asking again; a release was named by a person.
  if (release) return undefined
  const rejected = await store.upgrades.rejectedDigest({ namespace, service }, candidate.digest)
  return rejected && `${candidate.tag} is not offered again until its digest changes: ${rejected.message}`
}

/** Asked again: what the scan heard may be hours old. */
async function unprovedWords(
  { config, promotions }: Dependencies,
  { policy, service, to }: Plan,
): Promise<string | undefined> {
  if (!policy.promote) return undefined
  const current = policyFor(config, service.namespace, service.repository)
  const asking = { repository: service.repository, digest: to.digest, now: Date.now() }
  const verdict = current && (await promotionOf(promotions, { ...asking, policy: current }))
  return verdict?.kind === 'held' ? `${to.tag} ${verdict.reason}` : undefined
}

const signedBy = ({ config }: Dependencies, { to }: Plan, service: Service) => ({
  ...{ service, digest: to.digest, tag: to.tag },
  policy: policyFor(config, service.namespace, service.repository),
  signal: Context.current().cancellationSignal,
})

const refOf = ({ kind, name, uid }: PlannedWorkload): WorkloadRef => ({ kind, name, uid })

/** What the workflow knows of a plan that was opened as this upgrade. */
export function summaryOf(plan: Plan, planHash: string, upgradeId: string): PlannedUpgrade {
  const before = backfillsBefore(plan)
  const stages = stagesOf(plan.policy.rollout)
  return {
    upgradeId,
    planHash,
    from: plan.from.tag,
    to: plan.to.tag,
    digest: plan.to.digest,
    approvalRequired: plan.policy.approval.required > 0,
    expiresMs: plan.policy.approval.expiresMs,
    rules: rulesOf(plan),
    ...(plan.policy.whenWindowCloses ? { whenWindowCloses: plan.policy.whenWindowCloses } : {}),
    ...(plan.rollback.restart === 'prepare' ? { prepare: plan.workloads.filter(hasMigrator).map(refOf) } : {}),
    expand: plan.migrations.map((migration) =>
      migration.kind === 'job'
        ? `run ${migration.command.join(' ')} in ${plan.to.tag}`
        : `expand ${migration.directory}`,
    ),
    ...(before.length > 0 ? { before } : {}),
    workloads: plan.workloads.map(refOf),
    ...(stages.length > 0 ? { stages: stages.map(({ title }) => title) } : {}),
    ...(plan.policy.gitops ? { together: true as const } : {}),
    ...(plan.rollbackOf === undefined ? {} : { goesBack: true as const }),
    bakeMs: plan.policy.rollout.bakeMs,
    hasDataPhases: plan.migrations.some(
      (each) => each.kind === 'knex' && each.files.some((file) => file.phase !== 'expand'),
    ),
  }
}
