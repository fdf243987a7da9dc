/** What the page asks for, each with the key by which changes make it old. */
import { keepPreviousData, QueryCache, QueryClient, queryOptions, infiniteQueryOptions } from '@tanstack/react-query'
import { getJson, Problem } from './http'
import { isLive } from './live'
import type * as shapes from './shapes'

const part = encodeURIComponent

/** Asked again soon while the server is away or says nothing by itself, else rarely: a stream may break without a word. */
const againMs = { away: 3_000, deaf: 5_000, live: 60_000 }

/** A login that has ended is noticed by whatever is asked next. */
const whenRefused = (client: () => QueryClient) => (error: unknown) => {
  if (error instanceof Problem && error.details.status === 401)
    void client().invalidateQueries({ queryKey: ['session'] })
}

export function createClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: whenRefused(() => client) }),
    defaultOptions: {
      queries: {
        retry: false,
        staleTime: 2_000,
        refetchOnWindowFocus: true,
        refetchInterval: ({ state }) =>
          state.error instanceof Problem && !state.error.isAway
            ? false
            : state.error
              ? againMs.away
              : isLive()
                ? againMs.live
                : againMs.deaf,
      },
    },
  })
  return client
}

const get = <T>(key: readonly unknown[], path: string) =>
  queryOptions<T>({ queryKey: key, queryFn: ({ signal }) => getJson<T>(path, signal) })

export const session = get<shapes.Session>(['session'], '/api/v1/session')
export const services = get<shapes.HubStatus>(['services'], '/api/v1/services')
export const service = (namespace: string, name: string) =>
  get<shapes.ServicePage>(['service', namespace, name], `/api/v1/services/${part(namespace)}/${part(name)}`)
export const upgrade = (id: string) => get<shapes.UpgradePage>(['upgrade', id], `/api/v1/upgrades/${part(id)}`)
export const upgradeLogs = (id: string) =>
  get<{ logs: shapes.JobLog[] }>(['upgrade', id, 'logs'], `/api/v1/upgrades/${part(id)}/logs`)
export const releases = infiniteQueryOptions({
  queryKey: ['releases'],
  queryFn: ({ pageParam, signal }) =>
    getJson<shapes.ReleaseList>(`/api/v1/releases${pageParam ? `?cursor=${part(pageParam)}` : ''}`, signal),
  initialPageParam: '',
  getNextPageParam: ({ next }: shapes.ReleaseList) => next ?? undefined,
})
export const release = (name: string) => get<shapes.ReleasePage>(['release', name], `/api/v1/releases/${part(name)}`)
export const registries = get<{ registries: shapes.RegistryHost[] }>(['registries'], '/api/v1/registries')
export const quarantine = get<{ quarantined: shapes.QuarantineRow[] }>(['quarantine'], '/api/v1/quarantine')
export const alerts = get<shapes.AlertsShown>(['alerts'], '/api/v1/alerts')
export const settings = get<unknown>(['settings'], '/api/v1/settings')
export const schedules = get<{ schedules: shapes.ScheduleShown[] }>(['schedules'], '/api/v1/schedules')
export const calendar = (from: string, to: string) =>
  get<shapes.CalendarPage>(['calendar', from, to], `/api/v1/calendar?from=${part(from)}&to=${part(to)}`)

/** Upgrades as they are filtered, one page after the other. */
export const upgrades = (filters: URLSearchParams) =>
  infiniteQueryOptions({
    queryKey: ['upgrades', filters.toString()],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams(filters)
      if (pageParam) query.set('cursor', pageParam)
      return getJson<shapes.UpgradeList>(`/api/v1/upgrades?${query.toString()}`, signal)
    },
    initialPageParam: '',
    getNextPageParam: ({ next }: shapes.UpgradeList) => next ?? undefined,
    placeholderData: keepPreviousData,
  })

export const explanation = (namespace: string, name: string) =>
  get<shapes.Explanation>(['service', namespace, name, 'tags'], `/explain/${part(namespace)}/${part(name)}`)

export const dataOf = ({ namespace, service: name }: { namespace: string; service: string }) =>
  get<shapes.DataPage>(['data', namespace, name], `/api/v1/data/${part(namespace)}/${part(name)}`)
export const dataRuns = get<{ runs: shapes.DataRun[] }>(['data'], '/api/v1/data')
/** At most one is open, and none is newer. */
export const newestRelease = get<shapes.ReleaseList>(['releases', 'newest'], '/api/v1/releases?limit=1')
