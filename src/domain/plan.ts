import type { Candidate } from './decision'
import type { Gitops } from './gitops'
import { formatImage, parseImage } from './image'
import { aheadOf, isNewer, nextFor, planObjection, type PlanRefusal, refused } from './plan-objections'
import type { ApprovalRules, Freeze, HealthCheck, Mode, Policy, RolloutRules, Strategy, WindowRule } from './policy'
import { startsAgain, type ImageAnswer } from './migrations/image-answer'
import { imagesObjection, plannedImages } from './migrations/image-words'
import type { JobMigration, MigrationFile, PlannedMigration } from './planned-migration'
import { restartAnswer } from './migrations/restart-answer'
import { runningOf } from './running'
import { ruleWords } from './signature'
import { serviceId, type Service, type ServiceContainer, type Workload, type WorkloadKind } from './service'
import { orderOf, type TagOrder } from './tag-order'
import type { UpgradeRules } from './votes'

export interface PlannedContainer {
  name: string
  init: boolean
  /** the image string in the template when the plan was made; the patch is guarded by it */
  from: string
  /** repository:tag@sha256:… */
  to: string
}

export interface PlannedWorkload {
  kind: WorkloadKind
  name: string
  uid: string
  containers: PlannedContainer[]
}

export type * from './planned-migration'

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
    /** what decides what is newer; absent in plans that were made before it stood here */
    strategy?: Strategy
    /** of plans that were made before the rest stood here: approvalRulesOf */
    approval: Pick<ApprovalRules, 'required' | 'expiresMs'> & Partial<ApprovalRules>
    emergency?: string
    promote?: { from: string; bakedForMs: number }
    /** who must have signed it, in words; one of them is enough */
    signatures?: string[]
    windows: WindowRule[]
    freezes: Freeze[]
    /** only there when it is not `finish` */
    whenWindowCloses?: 'hold' | 'rollback'
    expectedMs?: number
    rollout: RolloutRules
    health: HealthCheck[]
    /** only there when the policy accepts that Helm's next release sets the image back */
    helmDrift?: 'accept'
    /** only there when images are changed by commits */
    gitops?: Gitops
  }
  /** after expand an older migrating init container refuses the newer schema (facts/rollout.md §1c), so a rollback keeps it new */
  rollback: {
    initContainers: 'restore' | 'keep-new'
    /**
     * an old pod that is made anew between expand and the end of the rollout: `prepare` rolls the old application with
     * the new migrating init container first, `accepted` is the policy's word; absent: it starts as it is
     */
    restart?: 'prepare' | 'accepted'
  }
  /** of a rollback by hand: the succeeded upgrade that it takes back */
  rollbackOf?: string
}

export type PlanDraft = { kind: 'plan'; plan: Plan } | PlanRefusal

/**
 * Makes the plan of one upgrade from what runs, what is configured and what was published. The same inputs give the same
 * plan, so that a hash binds an approval to it. `migrationFiles` holds the listing of each knex directory of the policy, `imageAnswers`
 * by the index of its migration what the images say of theirs.
 */
export function makePlan({
  hub,
  service,
  policy,
  candidate,
  migrationFiles,
  imageAnswers = {},
}: {
  hub: Plan['hub']
  service: Service
  policy: Policy
  candidate: Candidate
  migrationFiles: Readonly<Record<string, MigrationFile[]>>
  imageAnswers?: Readonly<Record<number, ImageAnswer>>
}): PlanDraft {
  const running = runningOf(service, policy.strategy)
  const order = orderOf(policy.strategy)
  const refusal =
    planObjection(service, running, candidate, policy.strategy) ??
    (running.problem ? refused(running.problem, nextFor(policy.strategy)) : undefined)
  if (refusal) return refusal
  const ahead = aheadOf(service, candidate.tag, order)
  if (ahead) return ahead
  const to = formatImage({ repository: service.repository, ...candidate })
  const workloads = rolledInOrder(service.workloads, policy.rollout.order)
    .map((workload) => planned(workload, to, candidate.tag, order))
    .filter(({ containers }) => containers.length > 0)
  if (workloads.length === 0) return refused(`${serviceId(service)} already runs ${candidate.tag}`, 'Nothing to do.')
  const unlisted = policy.migrations.find(
    (source) => source.kind === 'knex' && !migrationFiles[source.directory]?.length,
  )
  if (unlisted?.kind === 'knex')
    return refused(`${unlisted.directory} holds no migration files`, 'Check migrations[].directory in refit.yaml.')
  const answers = policy.migrations.map((_, index) => imageAnswers[index])
  const { acceptRestartRisk = false, approval } = policy
  const stance = { from: running.tag, to: candidate.tag, required: approval.required, acceptRestartRisk }
  const objection = imagesObjection(answers, stance)
  if (objection) return objection
  const migrations = policy.migrations.map((source, index): PlannedMigration =>
    source.kind === 'job'
      ? { ...source, image: to, like: migratorOf(service), ...plannedImages(answers[index]) }
      : { ...source, files: migrationFiles[source.directory] ?? [] },
  )
  const oldStarts = startsAgain(answers)
  const restart = restartAnswer({ migrations, workloads, acceptRestartRisk, oldStarts })
  return {
    kind: 'plan',
    plan: {
      version: 1,
      hub,
      service: { namespace: service.namespace, name: service.name, repository: service.repository },
      from: { tag: running.tag, digest: running.digest ?? null },
      to: { tag: candidate.tag, digest: candidate.digest },
      workloads,
      migrations,
      policy: {
        name: policy.name,
        mode: policy.mode,
        strategy: policy.strategy,
        approval: policy.approval,
        ...(policy.emergency === undefined ? {} : { emergency: policy.emergency }),
        ...(policy.promote === undefined ? {} : { promote: policy.promote }),
        ...(policy.signatures?.length ? { signatures: policy.signatures.map(ruleWords) } : {}),
        windows: policy.windows,
        freezes: policy.freezes,
        ...(policy.whenWindowCloses === 'finish' ? {} : { whenWindowCloses: policy.whenWindowCloses }),
        ...(policy.expectedMs === undefined ? {} : { expectedMs: policy.expectedMs }),
        rollout: policy.rollout,
        health: policy.health,
        ...(policy.helmDrift === 'accept' ? { helmDrift: 'accept' as const } : {}),
        ...(policy.gitops ? { gitops: policy.gitops } : {}),
      },
      rollback: {
        initContainers:
          policy.migrations.length > 0 && !oldStarts && service.workloads.some(hasInit) ? 'keep-new' : 'restore',
        ...(restart ? { restart } : {}),
      },
    },
  }
}

/** Those that the policy names first, as it names them; then Refit's order. `cronjob/report` where a Deployment has that name too. */
function rolledInOrder(workloads: readonly Workload[], order: readonly string[] = []): Workload[] {
  const place = (workload: Workload): number => {
    const { kind, name } = workload
    const index = order.findIndex((each) => each === name || each.toLowerCase() === `${kind.toLowerCase()}/${name}`)
    return index === -1 ? order.length : index
  }
  return [...workloads].sort((a, b) => place(a) - place(b))
}

const hasInit = ({ containers }: Workload): boolean => containers.some(({ init }) => init)

/** An init container that an earlier rollback kept newer stays where it is. */
function planned({ kind, name, uid, containers }: Workload, to: string, tag: string, order: TagOrder): PlannedWorkload {
  const changed = containers.filter((each) => each.image !== to && !(each.init && isNewer(each, tag, order)))
  return {
    kind,
    name,
    uid,
    containers: changed.map((each) => ({ name: each.name, init: each.init, from: each.image, to })),
  }
}

/**
 * What a rollback sets a container back to: the image in its template, under strategy `digest` pinned to the digest that
 * ran, because the moving tag alone would pull the new one again.
 */
export function undoImage({ from, policy }: Pick<Plan, 'from' | 'policy'>, container: PlannedContainer): string {
  const image = parseImage(container.from)
  const moves = policy.strategy === 'digest' && image?.digest === undefined && image?.tag === from.tag
  return moves && from.digest !== null ? `${container.from}@${from.digest}` : container.from
}

/** Who migrates when a pod starts, as far as the templates tell: an init container of the service's own image. */
export const initMigratorOf = (service: Service): string | undefined => {
  const { container } = migratorOf(service)
  const all = service.workloads.flatMap(({ containers }) => containers)
  return all.some(({ name, init }) => init && name === container) ? container : undefined
}

/** The container that migrates today knows the database: one named after migrating, else any init, else the application. */
function migratorOf({ workloads }: Service): JobMigration['like'] {
  const all = workloads.flatMap((workload) => workload.containers.map((container) => ({ workload, container })))
  const rank = ({ name, init }: ServiceContainer): number => (init && /migrat/i.test(name) ? 0 : init ? 1 : 2)
  const [best] = all.sort((a, b) => rank(a.container) - rank(b.container))
  const { kind = 'Deployment', name = '' } = best?.workload ?? {}
  return { ...(kind === 'Deployment' ? {} : { kind }), workload: name, container: best?.container.name ?? '' }
}

/** What an approval of this plan takes, also of one that was made when less could be said of it. */
export const approvalRulesOf = ({ policy }: Pick<Plan, 'policy'>): ApprovalRules => ({
  escalateMs: 0,
  unverified: 'accept',
  makerChecker: false,
  groups: [],
  ...policy.approval,
})

/** Who may say what to an upgrade by this plan. */
export const rulesOf = (plan: Pick<Plan, 'policy'>): UpgradeRules => ({
  approval: approvalRulesOf(plan),
  ...(plan.policy.emergency === undefined ? {} : { emergency: plan.policy.emergency }),
})

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
