import { RefitError } from '../../domain/errors'
import type { WorkloadKind } from '../../domain/service'
import type { Answer, Call, Connection, Lines } from './connection'
import { failureOf } from './errors'

const pageSize = 500

export interface Api {
  /** Any answer, whatever its status. */
  send(call: Call): Promise<Answer>
  /** The JSON of a 2xx. Throws KUBERNETES_*. */
  json<T>(call: Call): Promise<T>
  /** All items of a list, page by page. Throws KUBERNETES_*. */
  list<T>(call: ListCall): Promise<T[]>
  /** The same, and the version that all of it had at one instant. Throws KUBERNETES_*. */
  listAt<T>(call: ListCall): Promise<{ items: T[]; resourceVersion: string }>
  /** Each line of an answer as it comes, until the server ends it. An answer that isn't 2xx comes back whole. */
  lines(call: Call, take: Lines): Promise<Answer | undefined>
}

export type ListCall = Pick<Call, 'path' | 'query' | 'signal' | 'doing'>

interface List<T> {
  metadata?: { continue?: string; resourceVersion?: string }
  items?: T[] | null
}

export function createApi(connection: Connection): Api {
  const json = async <T>(call: Call): Promise<T> => {
    const answer = await connection.send(call)
    if (!isSuccess(answer)) throw failureOf(answer, call.doing)
    return parse<T>(answer, call)
  }
  const listAt = async <T>({ query, ...call }: ListCall): Promise<{ items: T[]; resourceVersion: string }> => {
    const items: T[] = []
    let resourceVersion: string | undefined
    let next: string | undefined
    do {
      const page: List<T> = await json({ method: 'GET', ...call, query: { ...query, limit: pageSize, continue: next } })
      items.push(...(page.items ?? []))
      next = page.metadata?.continue || undefined
      resourceVersion = page.metadata?.resourceVersion
    } while (next !== undefined)
    return { items, resourceVersion: resourceVersion ?? '' }
  }
  return {
    send: (call) => connection.send(call),
    json,
    listAt,
    list: async <T>(call: ListCall): Promise<T[]> => (await listAt<T>(call)).items,
    lines: (call, take) => connection.lines(call, take),
  }
}

export const isSuccess = ({ status }: Answer): boolean => status >= 200 && status < 300

function parse<T>({ body }: Answer, { doing }: Call): T {
  try {
    return JSON.parse(body.toString('utf8')) as T
  } catch {
    throw new RefitError(
      'KUBERNETES_UNAVAILABLE',
      `What answers for Kubernetes to ${doing} does not speak JSON.`,
      'Check the server that the kubeconfig names: a proxy may answer in its place.',
    )
  }
}

const segment = encodeURIComponent

const collections: Record<WorkloadKind, string> = {
  Deployment: 'apps/v1/namespaces/*/deployments',
  StatefulSet: 'apps/v1/namespaces/*/statefulsets',
  DaemonSet: 'apps/v1/namespaces/*/daemonsets',
  CronJob: 'batch/v1/namespaces/*/cronjobs',
}

export const paths = {
  workloads: (kind: WorkloadKind, namespace: string, name?: string) =>
    `/apis/${collections[kind].replace('*', segment(namespace))}${name === undefined ? '' : `/${segment(name)}`}`,
  deployments: (namespace: string, name?: string) =>
    `/apis/apps/v1/namespaces/${segment(namespace)}/deployments${name === undefined ? '' : `/${segment(name)}`}`,
  replicaSets: (namespace: string) => `/apis/apps/v1/namespaces/${segment(namespace)}/replicasets`,
  controllerRevisions: (namespace: string) => `/apis/apps/v1/namespaces/${segment(namespace)}/controllerrevisions`,
  jobs: (namespace: string, name?: string) =>
    `/apis/batch/v1/namespaces/${segment(namespace)}/jobs${name === undefined ? '' : `/${segment(name)}`}`,
  networkPolicies: (namespace: string) => `/apis/networking.k8s.io/v1/namespaces/${segment(namespace)}/networkpolicies`,
  secrets: (namespace: string) => `/api/v1/namespaces/${segment(namespace)}/secrets`,
  events: (namespace: string) => `/api/v1/namespaces/${segment(namespace)}/events`,
  nodes: '/api/v1/nodes',
  allPods: '/api/v1/pods',
  secret: (namespace: string, name: string) => `/api/v1/namespaces/${segment(namespace)}/secrets/${segment(name)}`,
  pods: (namespace: string, name?: string) =>
    `/api/v1/namespaces/${segment(namespace)}/pods${name === undefined ? '' : `/${segment(name)}`}`,
}
