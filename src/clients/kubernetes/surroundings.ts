import { RefitError } from '../../domain/errors'
import type { WorkloadKind } from '../../domain/service'
import type { Surroundings } from '../../domain/surroundings'
import { singleFlight } from '../registry/single-flight'
import type { WorkloadRef } from '../contracts'
import type { Api } from './api'
import { settingOf, type Neighbours, type WorkloadObject } from './setting'

const workloadPaths: Readonly<Record<WorkloadKind, string>> = {
  Deployment: 'apis/apps/v1/*/deployments',
  StatefulSet: 'apis/apps/v1/*/statefulsets',
  DaemonSet: 'apis/apps/v1/*/daemonsets',
  CronJob: 'apis/batch/v1/*/cronjobs',
}
const neighbourPaths: Readonly<Record<keyof Neighbours, string>> = {
  autoscalers: 'apis/autoscaling/v2/*/horizontalpodautoscalers',
  budgets: 'apis/policy/v1/*/poddisruptionbudgets',
  quotas: 'api/v1/*/resourcequotas',
  ranges: 'api/v1/*/limitranges',
  claims: 'api/v1/*/persistentvolumeclaims',
  services: 'api/v1/*/services',
}

/** Upgrades of one namespace that start together read it once. */
const keptMs = 1_000

type Read = (path: string, signal?: AbortSignal) => Promise<unknown[]>

/**
 * Reads what stands around workloads: one list per kind of object and namespace, at most a second old. What these
 * credentials may not list is named in `unread`; a workload that has gone has no setting.
 */
export function surroundingsReader(
  api: Api,
): (namespace: string, workloads: readonly WorkloadRef[], signal?: AbortSignal) => Promise<Surroundings> {
  const read = keptBriefly((path, signal) =>
    api.list({ path, signal, doing: `list ${path.slice(path.lastIndexOf('/') + 1)} in ${path.split('/').at(-2)}` }),
  )
  return async (namespace, workloads, signal) => {
    const at = (path: string): string => `/${path.replace('*', `namespaces/${encodeURIComponent(namespace)}`)}`
    const unread: string[] = []
    const listed = async (path: string): Promise<unknown[] | undefined> => {
      try {
        return await read(at(path), signal)
      } catch (error) {
        if (!(error instanceof RefitError) || error.code !== 'KUBERNETES_FORBIDDEN') throw error
        unread.push(path.slice(path.lastIndexOf('/') + 1))
        return undefined
      }
    }
    const kinds = [...new Set(workloads.map(({ kind }) => kind))]
    const [objects, neighbours] = await Promise.all([
      Promise.all(kinds.map(async (kind) => [kind, await listed(workloadPaths[kind])] as const)),
      Promise.all(Object.entries(neighbourPaths).map(async ([name, path]) => [name, await listed(path)] as const)),
    ])
    const around = Object.fromEntries(neighbours) as unknown as Neighbours
    const found = new Map(objects as [WorkloadKind, WorkloadObject[] | undefined][])
    return {
      settings: workloads.flatMap(({ kind, name, uid }) => {
        const object = found.get(kind)?.find(({ metadata }) => metadata?.name === name && metadata.uid === uid)
        return object ? [settingOf(kind, object, around)] : []
      }),
      unread: unread.sort(),
    }
  }
}

/** Calls for one path at one time share one list, and those within a second its answer. */
function keptBriefly(list: Read): Read {
  const flights = singleFlight<unknown[]>()
  const kept = new Map<string, { at: number; items: unknown[] }>()
  return async (path, signal) => {
    const known = kept.get(path)
    if (known && Date.now() - known.at < keptMs) return known.items
    const at = Date.now()
    const items = await flights(path, signal, (shared) => list(path, shared))
    for (const [each, { at: then }] of kept) if (at - then >= keptMs) kept.delete(each)
    kept.set(path, { at, items })
    return items
  }
}
