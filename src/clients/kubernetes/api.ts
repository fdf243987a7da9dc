import { RefitError } from '../../domain/errors'
import type { WorkloadKind } from '../../domain/service'
import type { Answer, Call, Connection } from './connection'
import { failureOf } from './errors'

const pageSize = 500

export interface Api {
  /** Any answer, whatever its status. */
  send(call: Call): Promise<Answer>
  /** The JSON of a 2xx. Throws KUBERNETES_*. */
  json<T>(call: Call): Promise<T>
  /** All items of a list, page by page. Throws KUBERNETES_*. */
  list<T>(call: Pick<Call, 'path' | 'query' | 'signal' | 'doing'>): Promise<T[]>
}

interface List<T> {
  metadata?: { continue?: string }
  items?: T[] | null
}

export function createApi(connection: Connection): Api {
  const json = async <T>(call: Call): Promise<T> => {
    const answer = await connection.send(call)
    if (!isSuccess(answer)) throw failureOf(answer, call.doing)
    return parse<T>(answer, call)
  }
  const list = async <T>({ query, ...call }: Parameters<Api['list']>[0]): Promise<T[]> => {
    const items: T[] = []
    let next: string | undefined
    do {
      const page: List<T> = await json({ method: 'GET', ...call, query: { ...query, limit: pageSize, continue: next } })
      items.push(...(page.items ?? []))
      next = page.metadata?.continue || undefined
    } while (next !== undefined)
    return items
  }
  return { send: (call) => connection.send(call), json, list }
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
  nodes: '/api/v1/nodes',
  allPods: '/api/v1/pods',
  events: (namespace: string) => `/api/v1/namespaces/${segment(namespace)}/events`,
  secret: (namespace: string, name: string) => `/api/v1/namespaces/${segment(namespace)}/secrets/${segment(name)}`,
  pods: (namespace: string, name?: string) =>
    `/api/v1/namespaces/${segment(namespace)}/pods${name === undefined ? '' : `/${segment(name)}`}`,
}
