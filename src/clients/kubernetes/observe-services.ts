import pLimit from 'p-limit'
import { workloadKinds, type Service, type Workload, type WorkloadKind } from '../../domain/service'
import { paths, type Api } from './api'
import { coalesced } from './coalesced'
import { ofKind, templateOf } from './kinds'
import { serviceNames } from './service-names'
import { digestIn, type Pod, type WorkloadObject } from './wire'
import { containersOf, repositoryOf, workloadOf } from './workload'

/** Namespaces read at the same time; five lists each. */
const atOnce = 4

/**
 * Reads the workloads and their pods of each namespace and groups them into services. Who asks at the same time shares an
 * answer that began after both asked, so its services must not be changed.
 */
export function servicesObserver(api: Api) {
  const observe = coalesced((namespace) => observeNamespace(api, namespace))
  return async (namespaces: string[], signal?: AbortSignal): Promise<Service[]> => {
    const limit = pLimit(atOnce)
    const observed = await Promise.all(
      [...new Set(namespaces)].map((namespace) => limit(() => observe(namespace, signal))),
    )
    return observed.flat()
  }
}

async function observeNamespace(api: Api, namespace: string): Promise<Service[]> {
  const [pods, ...lists] = await Promise.all([
    api.list<Pod>({
      path: paths.pods(namespace),
      // Ended runs of Jobs may be many, and say nothing of what runs.
      query: { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' },
      doing: `list pods in ${namespace}`,
    }),
    ...workloadKinds.map((kind) => listOf(api, kind, namespace)),
  ])
  return servicesOf(namespace, lists.flat(), pods.filter(isOfWorkload))
}

async function listOf(api: Api, kind: WorkloadKind, namespace: string): Promise<WorkloadObject[]> {
  const doing = `list ${kind.toLowerCase()}s in ${namespace}`
  const found = await api.list<WorkloadObject>({ path: paths.workloads(kind, namespace), doing })
  return found.map((each) => ofKind(kind, each))
}

/** Not a Job's: a run that began before its CronJob was changed ends with the old image. */
const isOfWorkload = ({ metadata: { labels = {} } = {} }: Pod): boolean =>
  'pod-template-hash' in labels || 'controller-revision-hash' in labels

/** The services of one namespace: what at least one application container runs. Sorted by name. */
export function servicesOf(namespace: string, workloads: WorkloadObject[], pods: Pod[]): Service[] {
  const running = new Set<string>()
  const users = new Map<string, Set<WorkloadObject>>()
  for (const workload of workloads.filter(({ metadata }) => metadata?.deletionTimestamp === undefined)) {
    for (const { image, init } of containersOf(workload)) {
      const repository = repositoryOf(image)
      if (repository === undefined) continue
      users.set(repository, (users.get(repository) ?? new Set()).add(workload))
      if (!init) running.add(repository)
    }
  }
  const names = serviceNames([...running])
  const digests = runningDigests(pods)
  const podsOf = podsByRepository(pods)
  return [...running]
    .map((repository) => ({
      namespace,
      name: names.get(repository) as string,
      repository,
      workloads: inOrder([...(users.get(repository) ?? [])], repository),
      runningDigests: [...(digests.get(repository) ?? [])].sort(),
      nodes: sorted((podsOf.get(repository) ?? []).map(({ spec }) => spec?.nodeName)),
      pullSecrets: sorted(pullSecretsOf(users.get(repository), podsOf.get(repository))),
    }))
    .sort((a, b) => compare(a.name, b.name))
}

/**
 * What may run twice first, singletons later, CronJobs last: a singleton can't be rolled without a gap or an overlap, and
 * nothing waits for a CronJob. Queue consumers come after what takes requests. Not by the number of replicas: an
 * autoscaler would then change the order, and with it the hash of an approved plan.
 */
function inOrder(objects: WorkloadObject[], repository: string): Workload[] {
  const ranked = objects.map((object) => {
    const workload = workloadOf(object, repository)
    return { workload, rank: rankOf(workload, takesRequests(object, repository)) }
  })
  return ranked
    .sort(
      (a, b) =>
        a.rank - b.rank || compare(a.workload.name, b.workload.name) || compare(a.workload.kind, b.workload.kind),
    )
    .map(({ workload }) => workload)
}

function rankOf({ kind, replicas, strategy }: Workload, listens: boolean): number {
  if (kind === 'CronJob') return 3
  if (kind !== 'DaemonSet' && (replicas <= 1 || strategy.type === 'Recreate')) return 2
  return listens ? 0 : 1
}

const takesRequests = (object: WorkloadObject, repository: string): boolean =>
  (templateOf(object)?.spec?.containers ?? []).some(
    ({ image, ports = [] }) => repositoryOf(image) === repository && ports.length > 0,
  )

/** By code unit: the same on every machine, whatever its locale. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const sorted = (names: (string | undefined)[]): string[] =>
  [...new Set(names)].filter((name): name is string => Boolean(name)).sort(compare)

/** Pods that aren't being deleted, by each repository that one of their containers runs. */
function podsByRepository(pods: Pod[]): Map<string, Pod[]> {
  const byRepository = new Map<string, Pod[]>()
  for (const pod of pods) {
    if (pod.metadata?.deletionTimestamp !== undefined) continue
    for (const repository of new Set((pod.spec?.containers ?? []).map(({ image }) => repositoryOf(image))))
      if (repository !== undefined) byRepository.set(repository, [...(byRepository.get(repository) ?? []), pod])
  }
  return byRepository
}

/** Those of the templates, and those that a service account added to the pods. */
const pullSecretsOf = (users: Iterable<WorkloadObject> = [], pods: Pod[] = []): (string | undefined)[] =>
  [...[...users].map((each) => templateOf(each)?.spec), ...pods.map(({ spec }) => spec)].flatMap((spec) =>
    (spec?.imagePullSecrets ?? []).map(({ name }) => name),
  )

/** What the application containers of ready pods report, by repository. */
function runningDigests(pods: Pod[]): Map<string, Set<string>> {
  const digests = new Map<string, Set<string>>()
  for (const { metadata, spec, status } of pods) {
    const ready = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')
    if (!ready || metadata?.deletionTimestamp !== undefined) continue
    for (const { name, image } of spec?.containers ?? []) {
      const repository = repositoryOf(image)
      const digest = digestIn(status?.containerStatuses?.find((each) => each.name === name)?.imageID)
      if (repository === undefined || digest === undefined) continue
      digests.set(repository, (digests.get(repository) ?? new Set<string>()).add(digest))
    }
  }
  return digests
}
