import { policyFor, watchedNamespaces } from '../config'
import type { Plan } from '../domain/plan'
import { approvalRulesOf } from '../domain/plan'
import type { ApprovalRules } from '../domain/policy'
import {
  type ReleaseDefinition,
  type ReleaseRefusal,
  type ReleaseTarget,
  type SkippedService,
  strictestRules,
} from '../domain/release'
import { outlineRelease, type ReleaseService } from '../domain/release-outline'
import { runningOf } from '../domain/running'
import { pullSecretsOf, type Service, serviceId } from '../domain/service'
import type { QuarantineRow, Store, UpgradeRow } from '../store/contracts'
import { draftPlan } from './assemble-plan'
import { checkNow } from './check-now'
import type { Dependencies } from './dependencies'
import { promotionOf } from './promoted'
import { howToSign, signatureOf } from './signed'

export interface AssembledTarget extends ReleaseTarget {
  plan: Plan
}

/** A release against what runs now. With any refusal there is nothing to carry out. */
export interface AssembledRelease {
  targets: ReleaseTarget[]
  /** of every target, unless something is refused */
  plans: AssembledTarget[]
  skipped: SkippedService[]
  refusals: ReleaseRefusal[]
  /** the strictest of its policies */
  rules: ApprovalRules | undefined
}

type Deps = Pick<Dependencies, 'config' | 'kubernetes' | 'registry' | 'environment'> & {
  store: Pick<Store, 'upgrades' | 'quarantine' | 'rehearsals' | 'imageMigrations' | 'jobRehearsals'>
  /** false where nothing may be written */
  rehearsesJobs?: boolean
  /** other hubs, which policies with `promote` ask */
  promotions: Pick<Dependencies['promotions'], 'ask'>
  signal?: AbortSignal
  /** these credentials will carry it out */
  acts?: boolean
}

/** An upgrade that only waits makes room for a release. */
const waitingPhases: ReadonlySet<string> = new Set(['plan', 'approval', 'window'])

/**
 * Plans a release as a worker does: what runs, what the registries have, a plan for each service. Nothing is written.
 * Every reason against it is named at once. Throws REGISTRY_* when a registry can't be asked.
 */
export async function assembleRelease(deps: Deps, definition: ReleaseDefinition): Promise<AssembledRelease> {
  const { config, kubernetes, store } = deps
  const [services, open, held, quarantine] = await Promise.all([
    kubernetes.observeServices(watchedNamespaces(config)),
    store.upgrades.listOpen(),
    store.upgrades.listHeld(),
    store.quarantine.list(),
  ])
  const running = services.map((service) => known(service, { config, open, held }))
  const outline = outlineRelease({ definition, running, order: config.order })
  const planned = await Promise.all(
    outline.targets.map(async (target) => {
      const service = running.find(
        (each) => each.namespace === target.namespace && each.name === target.name,
      ) as ReleaseService
      return planTarget(deps, { target, service, quarantine })
    }),
  )
  const strict = strictestRules(planned.flatMap(({ plan }) => (plan ? [approvalRulesOf(plan)] : [])))
  const refusals = [...outline.refusals, ...planned.flatMap((each) => each.refusals)]
  if (strict.kind === 'refused' && config.releases.approval === 'once')
    refusals.push({
      kind: 'approval-rules',
      reason: `no single approval can be enough: ${strict.reason}`,
      next: 'Write releases: { approval: each } in refit.yaml, or bring the policies into line.',
    })
  return {
    targets: outline.targets,
    plans: renumbered(planned.flatMap(({ target, plan }) => (plan ? [{ ...target, plan }] : []))),
    skipped: [...outline.skipped, ...planned.flatMap(({ skipped }) => skipped)],
    refusals,
    rules: strict.kind === 'rules' ? strict.rules : undefined,
  }
}

/** A wave of which nothing is left to do is none. */
function renumbered(targets: readonly AssembledTarget[]): AssembledTarget[] {
  const waves = [...new Set(targets.map(({ wave }) => wave))].sort((a, b) => a - b)
  return targets.map((target) => ({ ...target, wave: waves.indexOf(target.wave) }))
}

function known(
  service: Service,
  { config, open, held }: { config: Deps['config']; open: readonly UpgradeRow[]; held: readonly UpgradeRow[] },
): ReleaseService {
  const isOf = (row: UpgradeRow): boolean => row.namespace === service.namespace && row.service === service.name
  const policy = policyFor(config, service.namespace, service.repository)
  const heldRow = held.find(isOf)
  const openRow = open.find((row) => isOf(row) && !waitingPhases.has(row.phase))
  return {
    ...service,
    ...(policy ? { policy } : {}),
    ...(heldRow ? { held: `held by upgrade ${heldRow.id}: ${heldRow.message}` } : {}),
    ...(openRow ? { underway: { id: openRow.id, phase: openRow.phase, toTag: openRow.toTag } } : {}),
  }
}

interface Planned {
  target: ReleaseTarget
  plan?: Plan
  skipped: SkippedService[]
  refusals: ReleaseRefusal[]
}

async function planTarget(
  deps: Deps,
  given: { target: ReleaseTarget; service: ReleaseService; quarantine: readonly QuarantineRow[] },
): Promise<Planned> {
  const { registry, promotions } = deps
  const { target, service, quarantine } = given
  const { policy, ...observed } = service
  const id = serviceId(service)
  const refused = (kind: ReleaseRefusal['kind'], reason: string, next: string): Planned => ({
    ...{ target, skipped: [] },
    refusals: [{ kind, reason, next }],
  })
  const digest = await registry.digestOf(service.repository, target.to, { pullSecrets: pullSecretsOf(service) })
  if (digest === undefined)
    return refused(
      'not-in-registry',
      `${service.repository} has no tag ${target.to}`,
      'Push it, or correct the tag in the release.',
    )
  if (policy?.strategy === 'digest' && runningOf(observed, 'digest').digest === digest)
    return {
      target,
      skipped: [{ service: id, why: 'already-there', reason: `runs ${target.to}@${digest}` }],
      refusals: [],
    }
  const failed = quarantine.find(
    (each) => each.namespace === service.namespace && each.service === service.name && each.digest === digest,
  )
  if (failed)
    return refused(
      'quarantined',
      `${id} ${target.to} is quarantined: ${failed.reason}`,
      `If it is good after all: refit quarantine lift ${id} ${digest}.`,
    )
  const draft = await draftPlan(deps, observed, { tag: target.to, digest })
  if (draft.kind === 'refused') return refused('no-plan', `${id}: ${draft.reason}`, draft.next)
  const checked = await checkNow(deps, { plan: draft.plan, service: observed, candidateDigestNow: digest })
  if (checked.kind === 'refused')
    return {
      ...{ target, skipped: [] },
      refusals: checked.problems.map(({ reason, next }) => ({ kind: 'no-plan', reason: `${id}: ${reason}`, next })),
    }
  const asking = { repository: service.repository, digest, now: Date.now() }
  const proved = policy && (await promotionOf(promotions, { ...asking, policy }))
  if (proved?.kind === 'held')
    return refused(
      'promotion',
      `${id}: ${target.to} ${proved.reason}`,
      `It must succeed on ${policy?.promote?.from ?? 'the other hub'} first, or leave the service out.`,
    )
  const signed = await signatureOf(registry, { policy, service: observed, digest, signal: deps.signal })
  if (signed?.kind === 'held') return refused('unsigned', `${id}: ${target.to} ${signed.reason}`, howToSign)
  return { target, plan: draft.plan, skipped: [], refusals: [] }
}
