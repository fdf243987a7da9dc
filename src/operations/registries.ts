import { parseImage } from '../domain/image'
import type { KnownRepository, Store } from '../store/contracts'

/** How the reading of one registry host goes. */
export interface RegistryHealth {
  host: string
  /** how many repositories scans know there */
  repositories: number
  /** those whose last read failed */
  failing: { repository: string; code: string; message: string; at: Date }[]
  /** those whose last list can't be trusted */
  doubted: string[]
  /** when a list was last read well; null: never */
  lastReadAt: Date | null
}

/** Every registry host that scans read, the failing ones first. */
export async function registries({ store }: { store: Pick<Store, 'repositoryList'> }): Promise<RegistryHealth[]> {
  const byHost = new Map<string, KnownRepository[]>()
  for (const each of await store.repositoryList.all()) {
    const host = parseImage(each.repository)?.registry ?? ''
    byHost.set(host, [...(byHost.get(host) ?? []), each])
  }
  return [...byHost]
    .map(([host, known]) => healthOf(host, known))
    .sort((a, b) => b.failing.length - a.failing.length || (a.host < b.host ? -1 : 1))
}

const healthOf = (host: string, known: readonly KnownRepository[]): RegistryHealth => ({
  host,
  repositories: known.length,
  failing: known.flatMap(({ repository, error }) => (error ? [{ repository, ...error }] : [])),
  doubted: known.filter(({ doubted }) => doubted !== null).map(({ repository }) => repository),
  lastReadAt: known.reduce<Date | null>(
    (latest, { readAt }) => (readAt && (!latest || readAt > latest) ? readAt : latest),
    null,
  ),
})
