import { assembleRelease } from '../activities/assemble-release'
import type { Kubernetes, Registry } from '../clients/contracts'
import type { Promotions } from '../clients/promotion'
import type { Config } from '../config'
import { RefitError } from '../domain/errors'
import type { ReleaseDefinition, ReleaseRefusal, ReleaseTarget, SkippedService } from '../domain/release'
import { releaseWorkflowId } from '../domain/temporal-names'
import { combinedWindowState, type WindowState } from '../domain/window'
import { hashPlan, hashRelease } from '../store'
import type { ReleaseEvent, ReleaseRow, ReleaseServiceRow, Store } from '../store/contracts'
import type { HubTemporal } from './temporal'

/** What `refit release plan -o json` prints. Nothing is written. */
export interface ReleasePreview {
  release: string
  source: string
  /** in the order in which they go; those of one wave go side by side */
  waves: ReleaseTarget[][]
  skipped: SkippedService[]
  /** what its chart changes beyond images */
  differences: string[]
  refusals: ReleaseRefusal[]
  /** what an approval would bind to; null when something is refused or there is nothing to do */
  planHash: string | null
  /** how many people must say yes to all of it; null where each service asks for itself */
  approvals: number | null
  window: WindowState
}

type PlanDeps = {
  config: Config
  kubernetes: Kubernetes
  registry: Registry
  store: Pick<Store, 'upgrades' | 'quarantine' | 'imageMigrations'>
  /** other hubs */
  promotions: Pick<Promotions, 'ask'>
  /** with the addresses of databases that policies name */
  environment: NodeJS.ProcessEnv
}

/** What a release would do, made from the live cluster and registries as a worker makes it. */
export async function previewRelease(
  deps: PlanDeps,
  definition: ReleaseDefinition,
  now: Date,
): Promise<ReleasePreview> {
  const { targets, plans, skipped, refusals, rules } = await assembleRelease(deps, definition)
  const steps = plans.map(({ plan, ...target }) => ({
    ...target,
    digest: plan.to.digest,
    planHash: hashPlan(plan),
  }))
  const waves: ReleaseTarget[][] = []
  for (const target of refusals.length > 0 ? targets : steps) (waves[target.wave] ??= []).push(target)
  const policies = plans.map(({ plan }) => plan.policy)
  return {
    release: definition.release,
    source: definition.source,
    waves,
    skipped,
    differences: [...(definition.differences ?? [])],
    refusals,
    planHash: refusals.length === 0 && steps.length > 0 ? hashRelease(definition.release, steps) : null,
    approvals: deps.config.releases.approval === 'once' ? (rules?.required ?? 0) : null,
    window: combinedWindowState(policies, now.getTime()),
  }
}

export interface StartedRelease {
  preview: ReleasePreview | null
  releaseId: string
  /** `resumed`: it was open already, and goes on where it stopped */
  kind: 'started' | 'resumed' | 'runs'
  workflowId: string
}

/**
 * Starts a release, or lets one go on whose workflow was ended from outside. RELEASE_REFUSED with every reason when it
 * can't be carried out, or while another one is open.
 */
export async function startRelease(
  deps: PlanDeps & { store: Store; temporal: HubTemporal },
  definition: ReleaseDefinition,
  { by, verified, now }: { by: string; verified: boolean; now: Date },
): Promise<StartedRelease> {
  const { store, temporal } = deps
  const { release } = definition
  const hash = await store.releases.define(definition)
  const open = (await store.releases.listOpen()).find((row) => row.definition === hash)
  const preview = open ? null : await previewRelease(deps, definition, now)
  if (preview && preview.refusals.length > 0) throw refusedRelease(preview)
  if (preview && preview.waves.length === 0)
    throw new RefitError('RELEASE_REFUSED', `Release ${release} has nothing to do.`, `refit release plan says why.`)
  const row = await store.releases.open({ definition: hash, name: release, by, verified })
  const workflowId = releaseWorkflowId(release)
  const started = await temporal.startRelease(workflowId, { release, releaseId: row.id })
  return { preview, releaseId: row.id, kind: !started ? 'runs' : open ? 'resumed' : 'started', workflowId }
}

function refusedRelease({ release, refusals }: ReleasePreview): RefitError {
  const lines = refusals.map(({ reason, next }) => `  ${reason}. ${next}`)
  const count = refusals.length === 1 ? 'a reason' : `${refusals.length} reasons`
  return new RefitError(
    'RELEASE_REFUSED',
    `Release ${release} is refused for ${count}:\n${lines.join('\n')}\n`,
    'Nothing was started.',
  )
}

/** What `refit release status -o json` prints. */
export interface ReleaseDetail {
  release: ReleaseRow
  services: ReleaseServiceRow[]
  events: ReleaseEvent[]
}

/** A release by name, the open one or the newest. RELEASE_UNKNOWN when there was none. */
export async function releaseDetail({ releases }: Pick<Store, 'releases'>, name?: string): Promise<ReleaseDetail> {
  const release = await releases.latest(name)
  if (!release)
    throw new RefitError(
      'RELEASE_UNKNOWN',
      name === undefined ? 'There was no release yet.' : `There was no release ${name}.`,
      'refit release plan FILE shows what one would do.',
    )
  return { release, services: await releases.services(release.id), events: await releases.events(release.id) }
}
