import { Context } from '@temporalio/activity'
import { strictestRules, type ReleaseStep } from '../domain/release'
import { approvalRulesOf } from '../domain/plan'
import type { ReleaseRow, Store } from '../store/contracts'
import { assembleRelease } from './assemble-release'
import { withHeartbeat } from './beat'
import type { Dependencies } from './dependencies'
import type { PlannedRelease, ReleaseInput, ReleasePlanResult } from './release-contracts'
import { releaseRules } from './release-rules'
import { assertReleaseOpen } from './release-still-open'

/** Freezes what a release would do, once: run again, also after a reset, it answers with what was frozen. */
export const planRelease =
  (deps: Dependencies) =>
  ({ releaseId }: ReleaseInput): Promise<ReleasePlanResult> =>
    withHeartbeat(
      () => 'planning',
      async () => {
        const row = await assertReleaseOpen(deps.store, releaseId)
        if (row.hash !== null) return { kind: 'planned', plan: await plannedOf(deps, row) }
        const { store } = deps
        const assembled = await assembleRelease(
          { ...deps, signal: Context.current().cancellationSignal, acts: true },
          await store.releases.definition(row.definition),
        )
        if (assembled.refusals.length > 0)
          return {
            kind: 'refused',
            reason: assembled.refusals.map(({ reason, next }) => `${reason}. ${next}`).join(' '),
          }
        if (assembled.plans.length === 0)
          return { kind: 'up-to-date', reason: 'every service that it names runs what it wants, or is held' }
        const steps: ReleaseStep[] = []
        for (const { plan, ...target } of assembled.plans)
          steps.push({ ...target, digest: plan.to.digest, planHash: await store.plans.save(plan) })
        const rules = releaseRules({ rules: null }, deps.config)
        return { kind: 'planned', plan: await plannedOf(deps, await store.releases.plan(releaseId, steps, rules)) }
      },
    )

async function plannedOf({ store, config }: Dependencies, row: ReleaseRow): Promise<PlannedRelease> {
  const services = await store.releases.services(row.id)
  const rules = await rulesOf(store, services)
  const { approval, onFailure } = releaseRules(row, config)
  const once = approval === 'once'
  const waves: PlannedRelease['waves'] = []
  for (const { namespace, service, wave, from, to, digest } of services)
    (waves[wave] ??= []).push({ namespace, service, from, candidate: { tag: to, digest } })
  return {
    planHash: row.hash ?? '',
    approvalRequired: once && rules.required > 0,
    approved: row.approvedAt !== null,
    begun: services.some(({ upgradeId, outcome }) => upgradeId !== null || outcome !== null),
    rules,
    ...(row.requestedVerified ? { requestedBy: row.requestedBy } : {}),
    onFailure,
    waves,
  }
}

/** By the frozen plans, not by today's refit.yaml. */
async function rulesOf(store: Store, services: readonly { planHash: string }[]) {
  const plans = await Promise.all(services.map(({ planHash }) => store.plans.read(planHash)))
  const strict = strictestRules(plans.map(approvalRulesOf))
  // Only where each service asks for itself can the rules not be one: then nobody asks by these.
  return strict.kind === 'rules'
    ? strict.rules
    : { required: 0, expiresMs: 0, escalateMs: 0, unverified: 'refuse' as const, makerChecker: false, groups: [] }
}
