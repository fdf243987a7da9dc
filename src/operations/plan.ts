import { assemblePlan } from '../activities/assemble-plan'
import { checkNow } from '../activities/check-now'
import type { ImageChange, Kubernetes, Registry } from '../clients/contracts'
import { watchedNamespaces, type Config } from '../config'
import type { Candidate, Decision } from '../domain/decision'
import { RefitError } from '../domain/errors'
import { explainPlan, patchOf, type PatchOperation } from '../domain/explain-plan'
import { outOfSync } from '../domain/hub-release'
import type { Plan, PlannedWorkload } from '../domain/plan'
import type { Problem } from '../domain/preflight'
import { pullSecretsOf, type Service } from '../domain/service'
import { windowState, type WindowState } from '../domain/window'
import { hashPlan } from '../store'
import type { ServiceKey, Store } from '../store/contracts'
import { decideNow } from './decide-now'
import { findService } from './lookup'

export interface PlannedPatch {
  workload: string
  /** JSON patch with the containers named instead of numbered */
  patch: PatchOperation[]
  /** what the API server says to it without keeping it */
  dryRun:
    | { ok: true; /** false: it runs that image already */ changed: boolean }
    | { ok: false; code: string; problem: string; next: string | null }
}

/** What `refit plan -o json` prints. Nothing is written: neither to the cluster nor to the store. */
export type PlanPreview = ServiceKey & { decision: Omit<Decision, 'tags' | 'namespace' | 'service'> } & (
    | { kind: 'nothing' }
    | { kind: 'refused'; candidate: Candidate; reason: string; next: string }
    | {
        kind: 'planned'
        candidate: Candidate
        /** why the policy would not offer this by itself; null when it would */
        notOffered: string | null
        /** what the hub's release says to the tag, when it names another one; null when it doesn't */
        outOfSync: string | null
        planHash: string
        plan: Plan
        explained: string[]
        window: WindowState
        patches: PlannedPatch[]
        problems: Problem[]
        warnings: string[]
      }
  )

type Deps = {
  config: Config
  kubernetes: Kubernetes
  registry: Registry
  store: Pick<
    Store,
    | 'repositories'
    | 'quarantine'
    | 'upgrades'
    | 'marks'
    | 'seen'
    | 'images'
    | 'decisions'
    | 'rehearsals'
    | 'imageMigrations'
    | 'jobRehearsals'
  >
  /** with the addresses of databases that policies name */
  environment: NodeJS.ProcessEnv
}

/**
 * What an upgrade of this service would do, made from the live cluster and registry as a worker makes it. `tag` asks for
 * another than the one that the policy chooses; REGISTRY_NOT_FOUND when the registry doesn't have it.
 */
export async function previewPlan(
  deps: Deps,
  { name, tag, now }: { name: string; tag?: string; now: Date },
): Promise<PlanPreview> {
  const service = await liveService(deps, name)
  const { tags, ...decision } = await decideNow(deps, service)
  const key = { namespace: service.namespace, service: service.name }
  const base = { ...key, decision: withoutKey(decision) }
  const candidate = tag === undefined ? decision.candidate : await candidateOf(deps, service, tag)
  if (!candidate) return { ...base, kind: 'nothing' }

  const { draft, service: live } = await assemblePlan({ ...deps, rehearsesJobs: false }, { ...key, candidate })
  if (draft.kind === 'refused') return { ...base, kind: 'refused', candidate, reason: draft.reason, next: draft.next }
  const { plan } = draft
  const checked = await checkNow(deps, { plan, service: live, candidateDigestNow: candidate.digest })
  const planHash = hashPlan(plan)
  return {
    ...base,
    kind: 'planned',
    candidate,
    notOffered: notOffered({ ...decision, tags }, candidate),
    outOfSync: await leftRelease(deps, service, candidate),
    planHash,
    plan,
    explained: explainPlan(plan, planHash),
    window: windowState({ windows: plan.policy.windows, freezes: plan.policy.freezes, now: now.getTime() }),
    patches: plan.policy.gitops
      ? []
      : await Promise.all(plan.workloads.map((workload) => dryRun(deps.kubernetes, service.namespace, workload))),
    problems: checked.kind === 'refused' ? checked.problems : [],
    warnings: checked.kind === 'ok' ? checked.warnings : [],
  }
}

async function leftRelease(
  { config, store }: Deps,
  { repository }: Service,
  { tag }: Candidate,
): Promise<string | null> {
  const { billOfMaterials } = config
  if (!billOfMaterials) return null
  return outOfSync(await store.decisions.list(), { repository, tag }, billOfMaterials) ?? null
}

async function liveService({ config, kubernetes }: Deps, name: string): Promise<Service> {
  const services = await kubernetes.observeServices(watchedNamespaces(config))
  const key = findService(
    services.map(({ namespace, name: service }) => ({ namespace, service })),
    name,
  )
  return services.find((each) => each.namespace === key.namespace && each.name === key.service) as Service
}

const withoutKey = ({ namespace: _n, service: _s, ...rest }: Omit<Decision, 'tags'>) => rest

async function candidateOf({ registry }: Deps, service: Service, tag: string): Promise<Candidate> {
  const { repository } = service
  const digest = await registry.digestOf(repository, tag, { pullSecrets: pullSecretsOf(service) })
  if (digest === undefined)
    throw new RefitError(
      'REGISTRY_NOT_FOUND',
      `${repository} has no tag ${tag}.`,
      'refit status SERVICE --tags lists those that it has.',
    )
  return { tag, digest }
}

function notOffered({ kind, candidate, reason, tags }: Decision, { tag, digest }: Candidate): string | null {
  if (candidate?.digest === digest && candidate.tag === tag) return kind === 'held' ? reason : null
  return tags.find((each) => each.tag === tag)?.reason ?? reason
}

async function dryRun(kubernetes: Kubernetes, namespace: string, workload: PlannedWorkload): Promise<PlannedPatch> {
  const changes: ImageChange[] = workload.containers
  const base = { workload: workload.name, patch: patchOf(workload) }
  try {
    const { changed } = await kubernetes.patchImages(namespace, workload, changes, { dryRun: true })
    return { ...base, dryRun: { ok: true, changed } }
  } catch (error) {
    if (!(error instanceof RefitError)) throw error
    return { ...base, dryRun: { ok: false, code: error.code, problem: error.message, next: error.next ?? null } }
  }
}
