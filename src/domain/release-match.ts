import picomatch from 'picomatch'
import { repositoryPath } from './image'
import type { ReleaseDefinition, ReleaseRefusal, SkippedService } from './release'
import { idOf, type NamedService, servicesNamed } from './release-order'
import { nearestTo, wordList } from './text'

const isGlob = (key: string): boolean => /[*?[{!(]/.test(key)

interface Matches<T> {
  matched: { service: T; tag: string }[]
  skipped: SkippedService[]
  refusals: ReleaseRefusal[]
}

/**
 * Which running service each line of a release means. A path names every service that runs it; a last segment, as Helm
 * charts write it, must mean one path; a glob stands behind what is named exactly.
 */
export function matchRelease<T extends NamedService>(
  { services, skipMissing = false }: Pick<ReleaseDefinition, 'services' | 'skipMissing'>,
  running: readonly T[],
): Matches<T> {
  const skipped: SkippedService[] = []
  const refusals: ReleaseRefusal[] = []
  const claims = new Map<string, { service: T; exact: boolean; key: string; tag: string }[]>()
  for (const [key, tag] of Object.entries(services)) {
    const found = meantBy(key, running)
    const paths = [...new Set(found.map(({ repository }) => repositoryPath(repository)))]
    if (found.length === 0 && skipMissing) skipped.push({ service: key, why: 'missing', reason: 'does not run here' })
    else if (found.length === 0) refusals.push(unknown(key, running))
    else if (!isGlob(key) && paths.length > 1)
      refusals.push({
        kind: 'ambiguous',
        reason: `${key} may mean ${wordList(paths.map((path) => nameOf(path, found)))}`,
        next: `Write the whole image path instead of ${key}.`,
      })
    else
      for (const service of found) {
        const id = idOf(service)
        claims.set(id, [...(claims.get(id) ?? []), { service, exact: !isGlob(key), key, tag }])
      }
  }
  const matched = [...claims].flatMap(([id, all]) => {
    const claim = oneOf(all)
    if (claim) return [{ service: claim.service, tag: claim.tag }]
    refusals.push({
      kind: 'ambiguous',
      reason: `${id} is named by ${wordList(all.map(({ key, tag }) => `${key} (${tag})`))}`,
      next: 'Leave one of them.',
    })
    return []
  })
  return { matched, skipped, refusals }
}

/** What is named exactly counts before globs; undefined where those that count want different tags. */
function oneOf<T extends { exact: boolean; tag: string }>(claims: readonly T[]): T | undefined {
  const exact = claims.filter((each) => each.exact)
  const counting = exact.length > 0 ? exact : claims
  return new Set(counting.map(({ tag }) => tag)).size === 1 ? counting[0] : undefined
}

function meantBy<T extends NamedService>(key: string, running: readonly T[]): T[] {
  if (!isGlob(key)) return servicesNamed(key, running)
  const matches = picomatch(key)
  return running.filter(({ repository }) => matches(repositoryPath(repository)) || matches(repository))
}

const nameOf = (path: string, found: readonly NamedService[]): string =>
  `${path} (${wordList(found.filter(({ repository }) => repositoryPath(repository) === path).map(idOf))})`

function unknown(key: string, running: readonly NamedService[]): ReleaseRefusal {
  const names = [...new Set(running.map(({ repository }) => repositoryPath(repository)))]
  const near = nearestTo(key, names)
  return {
    kind: 'unknown-service',
    reason: `no service runs ${key}`,
    next:
      near.length > 0
        ? `Did you mean ${near.join(' or ')}? Else leave it out, or say --skip-missing.`
        : 'Leave it out, or say --skip-missing.',
  }
}
