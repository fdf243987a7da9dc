import type { Candidate } from './decision'
import { formatImage, parseImage } from './image'
import type { Freeze, HealthCheck, MigrationSource, Mode, Policy, RolloutRules, WindowRule } from './policy'
import { runningOf } from './running'
import { serviceId, type Service, type ServiceContainer, type Workload } from './service'
import { compareVersions, parseVersion } from './version'

export interface PlannedContainer {
  name: string
  init: boolean
  /** the image string in the template when the plan was made; the patch is guarded by it */
  from: string
  /** repository:tag@sha256:… */
  to: string
}

export interface PlannedWorkload {
  kind: 'Deployment'
  name: string
  uid: string
  containers: PlannedContainer[]
}

export interface MigrationFile {
  phase: 'expand' | 'backfill' | 'contract'
  name: string
  /** of the file's content */
  sha256: string
}

export type PlannedMigration =
  | (Extract<MigrationSource, { kind: 'job' }> & {
      image: string
      /** workload and init or application container whose environment the Job copies */ like: {
        workload: string
        container: string
      }
    })
  | (Extract<MigrationSource, { kind: 'knex' }> & { files: MigrationFile[] })

/** The frozen description of one upgrade. Everything that changes what would run is in here, so its hash binds an approval. */
export interface Plan {
  version: 1
  hub: { name: string; environment: string }
  service: { namespace: string; name: string; repository: string }
  from: { tag: string; digest: string | null }
  to: { tag: string; digest: string }
  /** in the order in which they are rolled */
  workloads: PlannedWorkload[]
  migrations: PlannedMigration[]
  policy: {
    name: string
    mode: Mode
    approval: { required: 0 | 1; expiresMs: number }
    windows: WindowRule[]
    freezes: Freeze[]
    rollout: RolloutRules
    health: HealthCheck[]
    /** only there when the policy accepts that Helm's next release sets the image back */
    helmDrift?: 'accept'
  }
  /** after expand an older migrating init container refuses the newer schema (facts/rollout.md §1c), so a rollback keeps it new */
  rollback: { initContainers: 'restore' | 'keep-new' }
}

export type PlanDraft =
  | { kind: 'plan'; plan: Plan }
  | { kind: 'refused'; /** without a full stop */ reason: string; /** what to do, a sentence */ next: string }

/**
 * Makes the plan of one upgrade from what runs, what is configured and what was published. The same inputs give the same
 * plan, so that a hash binds an approval to it. `migrationFiles` holds the listing of each knex directory of the policy.
 */
export function makePlan({
  hub,
  service,
  policy,
  candidate,
  migrationFiles,
}: {
  hub: Plan['hub']
  service: Service
  policy: Policy
  candidate: Candidate
  migrationFiles: Readonly<Record<string, MigrationFile[]>>
}): PlanDraft {
  const running = runningOf(service)
  const refusal =
    objectionTo(service, running.tag, candidate) ??
    (running.problem ? refused(running.problem, 'Give its application containers a version tag.') : undefined)
  if (refusal) return refusal
  const ahead = aheadOf(service, candidate.tag)
  if (ahead) return ahead
  const to = formatImage({ repository: service.repository, ...candidate })
  const workloads = service.workloads
    .map((workload) => planned(workload, to, candidate.tag))
    .filter(({ containers }) => containers.length > 0)
  if (workloads.length === 0) return refused(`${serviceId(service)} already runs ${candidate.tag}`, 'Nothing to do.')
  const unlisted = policy.migrations.find(
    (source) => source.kind === 'knex' && !migrationFiles[source.directory]?.length,
  )
  if (unlisted?.kind === 'knex')
    return refused(`${unlisted.directory} holds no migration files`, 'Check migrations[].directory in refit.yaml.')
  return {
    kind: 'plan',
    plan: {
      version: 1,
      hub,
      service: { namespace: service.namespace, name: service.name, repository: service.repository },
      from: { tag: running.tag, digest: running.digest ?? null },
      to: { tag: candidate.tag, digest: candidate.digest },
      workloads,
      migrations: policy.migrations.map((source) =>
        source.kind === 'job'
          ? { ...source, image: to, like: migratorOf(service) }
          : { ...source, files: migrationFiles[source.directory] ?? [] },
      ),
      policy: {
        name: policy.name,
        mode: policy.mode,
        approval: policy.approval,
        windows: policy.windows,
        freezes: policy.freezes,
        rollout: policy.rollout,
        health: policy.health,
        ...(policy.helmDrift === 'accept' ? { helmDrift: 'accept' as const } : {}),
      },
      rollback: {
        initContainers: policy.migrations.length > 0 && service.workloads.some(hasInit) ? 'keep-new' : 'restore',
      },
    },
  }
}

const refused = (reason: string, next: string): PlanDraft => ({ kind: 'refused', reason, next })
const hasInit = ({ containers }: Workload): boolean => containers.some(({ init }) => init)

/** Law 1 once more, here where the plan is made: never backwards, never a tag without its digest. */
function objectionTo(service: Service, current: string, { tag, digest }: Candidate): PlanDraft | undefined {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest))
    return refused(`${tag} has no usable digest (${digest})`, 'Run refit scan again.')
  const [from, to] = [parseVersion(current), parseVersion(tag)]
  if (!to) return refused(`${tag} is not a version`, 'Name a version tag.')
  if (from && compareVersions(to, from) <= 0)
    return refused(`${serviceId(service)} runs ${current}, and ${tag} is not newer`, 'Nothing to do.')
  return undefined
}

/** Law 1 for each workload: one that somebody moved past the candidate is not taken back to it. */
function aheadOf({ workloads }: Service, tag: string): PlanDraft | undefined {
  const ahead = workloads.find(({ containers }) => containers.some((each) => !each.init && isNewer(each, tag)))
  if (!ahead) return undefined
  return refused(
    `${ahead.name} already runs something newer than ${tag}`,
    'Bring the workloads of the service to one version first.',
  )
}

function isNewer({ image }: ServiceContainer, tag: string): boolean {
  const [runs, offered] = [parseVersion(parseImage(image)?.tag ?? ''), parseVersion(tag)]
  return runs !== undefined && offered !== undefined && compareVersions(runs, offered) > 0
}

/** An init container that an earlier rollback kept newer stays where it is. */
function planned({ kind, name, uid, containers }: Workload, to: string, tag: string): PlannedWorkload {
  const changed = containers.filter((each) => each.image !== to && !(each.init && isNewer(each, tag)))
  return {
    kind,
    name,
    uid,
    containers: changed.map((each) => ({ name: each.name, init: each.init, from: each.image, to })),
  }
}

/** The container that migrates today knows the database: one named after migrating, else any init, else the application. */
function migratorOf({ workloads }: Service): { workload: string; container: string } {
  const all = workloads.flatMap(({ name, containers }) =>
    containers.map((container) => ({ workload: name, container })),
  )
  const rank = ({ name, init }: ServiceContainer): number => (init && /migrat/i.test(name) ? 0 : init ? 1 : 2)
  const [best] = all.sort((a, b) => rank(a.container) - rank(b.container))
  return { workload: best?.workload ?? '', container: best?.container.name ?? '' }
}

/** The plan as the one text that its hash is taken of: JSON with sorted keys, absent values left out. */
export const canonicalPlan = (plan: Plan): string => canonical(plan)

/** Two values are the same to a plan when these texts are. */
export const canonical = (value: unknown): string => JSON.stringify(sorted(value))

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sorted(each)]))
}
