import { repositoryPath } from './image'

/** What names a service. */
export interface ServiceName {
  namespace: string
  name: string
}

/** A service that runs, as far as names go. */
export interface NamedService extends ServiceName {
  /** with the registry host */
  repository: string
}

/** `[before, after]`, each `namespace/name`. */
export type Edge = readonly [string, string]

export const idOf = ({ namespace, name }: ServiceName): string => `${namespace}/${name}`
const lastSegment = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Services that a name means: `namespace/name`, an image path, or a path's last segment. */
export function servicesNamed<T extends NamedService>(name: string, services: readonly T[]): T[] {
  const exact = services.filter((each) => idOf(each) === name)
  if (exact.length > 0) return exact
  const byPath = services.filter(({ repository }) => repositoryPath(repository) === name)
  if (byPath.length > 0 || name.includes('/')) return byPath
  return services.filter(({ repository }) => lastSegment(repositoryPath(repository)) === name)
}

/** The rules as edges between services; `unknown` are names that mean no service. */
export function edgesOf(
  order: readonly { first: string; then: readonly string[] }[],
  services: readonly NamedService[],
): { edges: Edge[]; unknown: string[] } {
  const unknown = new Set<string>()
  const ids = (name: string): string[] => {
    const found = servicesNamed(name, services).map(idOf)
    if (found.length === 0) unknown.add(name)
    return found
  }
  const edges = order.flatMap(({ first, then }) =>
    ids(first).flatMap((before) => then.flatMap((each) => ids(each).map((after): Edge => [before, after]))),
  )
  return { edges, unknown: [...unknown] }
}

/** A cycle as a way round, first and last the same; undefined when there is none. */
export function cycleIn(edges: readonly Edge[]): string[] | undefined {
  const next = followersOf(edges)
  const done = new Set<string>()
  const visit = (id: string, path: string[]): string[] | undefined => {
    const at = path.indexOf(id)
    if (at >= 0) return [...path.slice(at), id]
    if (done.has(id)) return undefined
    for (const each of next.get(id) ?? []) {
      const cycle = visit(each, [...path, id])
      if (cycle) return cycle
    }
    done.add(id)
    return undefined
  }
  for (const id of next.keys()) {
    const cycle = visit(id, [])
    if (cycle) return cycle
  }
  return undefined
}

/**
 * Who goes before whom among `ids`, and in which wave each goes. What is not among them takes no time, and still keeps
 * those before it before those after it. The edges must have no cycle.
 */
export function wavesOf(
  ids: readonly string[],
  edges: readonly Edge[],
): { waves: string[][]; before: Map<string, string[]> } {
  const leaders = followersOf(edges.map(([before, after]) => [after, before]))
  const moving = new Set(ids)
  const known = new Map<string, Set<string>>()
  const allBefore = (id: string): Set<string> => {
    const kept = known.get(id)
    if (kept) return kept
    const all = new Set<string>()
    known.set(id, all)
    for (const leader of leaders.get(id) ?? []) for (const each of [leader, ...allBefore(leader)]) all.add(each)
    return all
  }
  const before = new Map(ids.map((id) => [id, [...allBefore(id)].filter((each) => moving.has(each)).sort()]))
  const level = new Map<string, number>()
  const levelOf = (id: string): number => {
    const kept = level.get(id) ?? Math.max(0, ...(before.get(id) ?? []).map((each) => levelOf(each) + 1))
    level.set(id, kept)
    return kept
  }
  const waves: string[][] = []
  for (const id of ids) (waves[levelOf(id)] ??= []).push(id)
  return { waves, before }
}

function followersOf(edges: readonly Edge[]): Map<string, string[]> {
  const followers = new Map<string, string[]>()
  for (const [before, after] of edges) followers.set(before, [...(followers.get(before) ?? []), after])
  return followers
}
