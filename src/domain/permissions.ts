/**
 * What Refit asks of a cluster: the one list behind `refit permissions`, `refit doctor`, preflight, the roles of
 * deploy/ and docs/permissions.md. Every verb of it is used; none is a wildcard.
 */
import type { Plan } from './plan'
import type { Policy } from './policy'
import type { WorkloadKind } from './service'

/** What Refit may have to do in a namespace. */
export const kubernetesNeeds = [
  'scan',
  'around',
  'upgrade',
  'patch',
  'pods',
  'logs',
  'jobs',
  'proxy',
  'rehearse',
] as const
export type KubernetesNeed = (typeof kubernetesNeeds)[number]

/** One rule of RBAC in one namespace. */
export interface KubernetesRule {
  need: KubernetesNeed
  /** of the API; empty is the core */
  group: string
  /** with their subresource: `pods/log` */
  resources: readonly string[]
  verbs: readonly string[]
  /** what Refit does with it */
  use: string
  /** what becomes of it without this right; absent: the operation is refused with KUBERNETES_FORBIDDEN */
  without?: string
}

/** One verb on one resource. */
export interface KubernetesRight {
  verb: string
  group: string
  /** with its subresource */
  resource: string
}

const [apps, batch] = ['apps', 'batch']
const rolling = ['deployments', 'statefulsets', 'daemonsets']
const unlooked = 'a plan names what was not looked at'
const asked = 'each look asks the API server instead'

export const kubernetesRules: readonly KubernetesRule[] = [
  { need: 'scan', group: apps, resources: rolling, verbs: ['list'], use: 'what runs, with each scan' },
  { need: 'scan', group: batch, resources: ['cronjobs'], verbs: ['list'], use: 'what runs, with each scan' },
  { need: 'scan', group: '', resources: ['pods'], verbs: ['list'], use: 'which digests run, and how pods stand' },
  {
    ...{ need: 'around', group: '', verbs: ['list'], without: unlooked },
    resources: ['resourcequotas', 'limitranges', 'persistentvolumeclaims', 'services'],
    use: 'what may stand in the way of a rollout',
  },
  {
    ...{ need: 'around', group: 'policy', resources: ['poddisruptionbudgets'], verbs: ['list'], without: unlooked },
    use: 'what may stand in the way of a rollout',
  },
  {
    ...{ need: 'around', group: 'autoscaling', resources: ['horizontalpodautoscalers'], verbs: ['list'] },
    use: 'what may stand in the way of a rollout',
    without: unlooked,
  },
  { need: 'upgrade', group: apps, resources: rolling, verbs: ['get'], use: 'the workload that was planned' },
  { need: 'upgrade', group: batch, resources: ['cronjobs'], verbs: ['get'], use: 'the workload that was planned' },
  {
    ...{ need: 'upgrade', group: apps, resources: ['replicasets', 'controllerrevisions'], verbs: ['list'] },
    use: 'which pods are of the new revision',
  },
  { need: 'upgrade', group: batch, resources: ['jobs'], verbs: ['list'], use: "a CronJob's runs" },
  {
    ...{ need: 'upgrade', group: apps, resources: [...rolling, 'replicasets', 'controllerrevisions'] },
    ...{ verbs: ['watch'], use: 'how a rollout goes, without asking again and again', without: asked },
  },
  {
    ...{ need: 'upgrade', group: batch, resources: ['cronjobs', 'jobs'], verbs: ['watch'] },
    ...{ use: 'how a rollout goes, without asking again and again', without: asked },
  },
  {
    ...{ need: 'upgrade', group: '', resources: ['pods'], verbs: ['watch'] },
    ...{ use: 'how a rollout goes, without asking again and again', without: asked },
  },
  {
    ...{ need: 'upgrade', group: '', resources: ['events'], verbs: ['list'] },
    use: 'warnings about a failing pod, and whether a node comes for one that waits',
    without: 'a diagnosis says what it lacks; a pod that waits for a new node gets the shorter grace',
  },
  {
    ...{ need: 'patch', group: apps, resources: rolling, verbs: ['patch'] },
    use: 'the image change and setting it back; pause and partition of a canary',
  },
  {
    need: 'patch',
    group: batch,
    resources: ['cronjobs'],
    verbs: ['patch'],
    use: 'the image change and setting it back',
  },
  {
    ...{ need: 'pods', group: '', resources: ['pods'], verbs: ['delete'] },
    use: 'a stuck pod of a StatefulSet, in a rollback',
  },
  {
    ...{ need: 'logs', group: '', resources: ['pods/log'], verbs: ['get'] },
    use: 'what a failing pod or a Job wrote last',
    without: 'a diagnosis says what it lacks; the log of a Job is the refusal',
  },
  {
    ...{ need: 'jobs', group: batch, resources: ['jobs'], verbs: ['create', 'get', 'delete'] },
    use: 'migrations and health checks that run as Jobs',
  },
  { need: 'proxy', group: '', resources: ['pods/proxy'], verbs: ['get'], use: 'health checks of pods by HTTP' },
  {
    ...{ need: 'rehearse', group: batch, resources: ['jobs'], verbs: ['create', 'get', 'list', 'patch', 'delete'] },
    use: 'rehearsing the migrations of an image on a copy',
  },
  {
    ...{ need: 'rehearse', group: '', resources: ['secrets'], verbs: ['create'] },
    use: 'the address of the copy; it goes with its Job, so that no right to read or delete it is needed',
  },
  {
    ...{ need: 'rehearse', group: 'networking.k8s.io', resources: ['networkpolicies'], verbs: ['create'] },
    use: 'so that the rehearsal reaches the copy and nothing else',
  },
]

/** Rights beyond namespaces, each of which may be left out. */
export const clusterRules: readonly (Omit<KubernetesRule, 'need'> & { name: 'nodes' | 'neighbours' })[] = [
  {
    ...{ name: 'nodes', group: '', resources: ['nodes'], verbs: ['list'] },
    use: 'the platform of each node, so that an image without it is never offered',
    without: 'images are not compared with nodes',
  },
  {
    ...{ name: 'neighbours', group: '', resources: ['pods'], verbs: ['list'] },
    use: 'whether workloads of other namespaces fail on the same nodes, which is not the fault of a release',
    without: 'only the namespace of the service is looked at',
  },
]

/** What a policy makes Refit do in its namespaces, and nothing beyond. */
export function needsOf({
  mode,
  gitops,
  migrations,
  health,
}: Pick<Policy, 'mode' | 'gitops' | 'migrations' | 'health'>): KubernetesNeed[] {
  if (mode === 'watch') return ['scan', 'around']
  const jobs = migrations.some(({ kind }) => kind === 'job') || health.some((check) => 'job' in check)
  const rehearse = migrations.some((each) => each.kind === 'job' && each.rehearse !== undefined)
  const proxy = health.some((check) => 'http' in check)
  // With gitops an agent writes to the workloads.
  const wanted: Partial<Record<KubernetesNeed, boolean>> = { patch: !gitops, jobs, rehearse, proxy }
  return kubernetesNeeds.filter((need) => wanted[need] ?? true)
}

/** By namespace, in the order of refit.yaml: what its policies need, and what contracts look at elsewhere. */
export function needsByNamespace(policies: readonly Policy[]): Map<string, Set<KubernetesNeed>> {
  const needs = new Map<string, Set<KubernetesNeed>>()
  const add = (namespace: string, more: readonly KubernetesNeed[]): void =>
    void needs.set(namespace, new Set([...(needs.get(namespace) ?? []), ...more]))
  for (const policy of policies) {
    for (const namespace of policy.select.namespaces) add(namespace, needsOf(policy))
    if (policy.mode === 'watch') continue
    for (const migration of policy.migrations)
      for (const { service } of (migration.kind === 'knex' && migration.contract?.users) || [])
        add(service.slice(0, service.indexOf('/')), ['scan', 'upgrade'])
  }
  return needs
}

/** The rules of these needs, each verb on a resource once. */
export function rulesFor(needs: Iterable<KubernetesNeed>): KubernetesRule[] {
  const wanted = new Set(needs)
  const seen = new Set<string>()
  return kubernetesRules
    .filter(({ need }) => wanted.has(need))
    .flatMap((rule) => {
      const fresh = rule.verbs.filter((verb) => rule.resources.some((each) => !seen.has(keyOf(rule, each, verb))))
      for (const verb of fresh) for (const each of rule.resources) seen.add(keyOf(rule, each, verb))
      return fresh.length > 0 ? [{ ...rule, verbs: fresh }] : []
    })
}

const keyOf = ({ group }: { group: string }, resource: string, verb: string): string => `${verb} ${group}/${resource}`

/** Single verbs of these rules. */
export const rightsIn = (rules: readonly Pick<KubernetesRule, 'group' | 'resources' | 'verbs'>[]): KubernetesRight[] =>
  rules.flatMap(({ group, resources, verbs }) =>
    resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource }))),
  )

/** `patch deployments` */
export const rightWords = ({ verb, resource }: KubernetesRight): string => `${verb} ${resource}`

/** What carrying out this plan, and taking it back, can't do without: of workloads only the kinds that it has. */
export function rightsOfPlan({ workloads, migrations, policy }: Pick<Plan, 'workloads' | 'migrations' | 'policy'>) {
  const copied = migrations.flatMap((each) => (each.kind === 'job' ? [each.like.kind ?? 'Deployment'] : []))
  const patched = new Set(workloads.map(({ kind }) => resourceOf[kind]))
  const read = new Set([...patched, ...copied.map((kind) => resourceOf[kind])])
  const needs = needsOf({ ...policy, migrations }).filter((need) => need !== 'rehearse')
  return rightsIn(rulesFor(needs).filter(({ without }) => without === undefined)).filter(({ verb, resource }) => {
    if (verb === 'get' && isWorkloads(resource)) return read.has(resource)
    if (verb === 'patch') return patched.has(resource as WorkloadResource)
    const owner = neededFor[`${verb} ${resource}`]
    return owner === undefined || patched.has(owner)
  })
}

const resourceOf = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  CronJob: 'cronjobs',
} as const satisfies Record<WorkloadKind, string>
type WorkloadResource = (typeof resourceOf)[WorkloadKind]
const isWorkloads = (resource: string): resource is WorkloadResource =>
  (Object.values(resourceOf) as string[]).includes(resource)

/** What is done for workloads of one kind only. */
const neededFor: Readonly<Partial<Record<string, WorkloadResource>>> = {
  'list replicasets': 'deployments',
  'list controllerrevisions': 'daemonsets',
  'list jobs': 'cronjobs',
  'delete pods': 'statefulsets',
}
