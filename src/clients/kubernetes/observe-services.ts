import pLimit from 'p-limit'
import type { Service, Workload } from '../../domain/service'
import { paths, type Api } from './api'
import { coalesced } from './coalesced'
import { serviceNames } from './service-names'
import { digestIn, type Deployment, type Pod } from './wire'
import { containersOf, repositoryOf, workloadOf } from './workload'

/** Namespaces read at the same time; two lists each. */
const atOnce = 4

/**
 * Reads Deployments and their pods of each namespace and groups them into services. Who asks at the same time shares an
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
  const [deployments, pods] = await Promise.all([
    api.list<Deployment>({ path: paths.deployments(namespace), doing: `list deployments in ${namespace}` }),
    api.list<Pod>({
      path: paths.pods(namespace),
      // Only pods of Deployments have it.
      query: { labelSelector: 'pod-template-hash' },
      doing: `list pods in ${namespace}`,
    }),
  ])
  return servicesOf(namespace, deployments, pods)
}

/** The services of one namespace: what at least one application container runs. Sorted by name. */
export function servicesOf(namespace: string, deployments: Deployment[], pods: Pod[]): Service[] {
  const running = new Set<string>()
  const users = new Map<string, Set<Deployment>>()
  for (const deployment of deployments.filter(({ metadata }) => metadata?.deletionTimestamp === undefined)) {
    for (const { image, init } of containersOf(deployment)) {
      const repository = repositoryOf(image)
      if (repository === undefined) continue
      users.set(repository, (users.get(repository) ?? new Set()).add(deployment))
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
      workloads: [...(users.get(repository) ?? [])].map((each) => workloadOf(each, repository)).sort(inOrder),
      runningDigests: [...(digests.get(repository) ?? [])].sort(),
      nodes: sorted((podsOf.get(repository) ?? []).map(({ spec }) => spec?.nodeName)),
      pullSecrets: sorted(pullSecretsOf(users.get(repository), podsOf.get(repository))),
    }))
    .sort((a, b) => compare(a.name, b.name))
}

/**
 * Singletons last, because they are the ones that can't be rolled without a gap. Not by the number of replicas: an
 * autoscaler would then change the order, and with it the hash of an approved plan.
 */
const inOrder = (a: Workload, b: Workload): number =>
  Number(a.replicas <= 1) - Number(b.replicas <= 1) || compare(a.name, b.name)

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
const pullSecretsOf = (users: Iterable<Deployment> = [], pods: Pod[] = []): (string | undefined)[] =>
  [...[...users].map(({ spec }) => spec?.template.spec), ...pods.map(({ spec }) => spec)].flatMap((spec) =>
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
