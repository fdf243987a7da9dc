import type { Plan } from '../domain/plan'
import { assemblePlan } from './assemble-plan'
import type { PlannedUpgrade, PlanResult, UpgradeInput } from './contracts'
import type { Dependencies } from './dependencies'

/** Freezes what would be done and opens the upgrade under it. Run twice it finds the same open upgrade. */
export const plan =
  (deps: Dependencies) =>
  async (input: UpgradeInput): Promise<PlanResult> => {
    const { draft } = await assemblePlan(deps, input)
    if (draft.kind === 'refused') return { kind: 'refused', reason: `${draft.reason}. ${draft.next}` }
    const planHash = await deps.store.plans.save(draft.plan)
    const { id } = await deps.store.upgrades.open(draft.plan, planHash)
    return { kind: 'planned', plan: summaryOf(draft.plan, planHash, id) }
  }

function summaryOf(plan: Plan, planHash: string, upgradeId: string): PlannedUpgrade {
  return {
    upgradeId,
    planHash,
    from: plan.from.tag,
    to: plan.to.tag,
    digest: plan.to.digest,
    approvalRequired: plan.policy.approval.required > 0,
    expiresMs: plan.policy.approval.expiresMs,
    expand: plan.migrations.map((migration) =>
      migration.kind === 'job'
        ? `run ${migration.command.join(' ')} in ${plan.to.tag}`
        : `expand ${migration.directory}`,
    ),
    workloads: plan.workloads.map(({ kind, name, uid }) => ({ kind, name, uid })),
    bakeMs: plan.policy.rollout.bakeMs,
    hasDataPhases: plan.migrations.some(
      (each) => each.kind === 'knex' && each.files.some((file) => file.phase !== 'expand'),
    ),
  }
}
