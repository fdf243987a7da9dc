import type { ErrorCode } from '../domain/errors'
import { parseImage } from '../domain/image'

/** What scans stored of a repository, without its tags. */
export interface ScannedRepository {
  /** as it stands in image names, with its registry unless that is Docker Hub */
  repository: string
  /** why the last scan could not read it; null when it could */
  error?: { code: ErrorCode; message: string } | null
  /** when its list was last read well; null: never */
  readAt: Date | null
  /** the list that was read then can't be trusted */
  doubted: object | null
}

export interface RepositoryLookup {
  /** every repository that is called this without its registry host: `hub/ledger` */
  byPath(path: string): Promise<ScannedRepository[]>
}

const longest = 255

/**
 * The repositories that scans know under this name, Docker Hub's first and then by name. `name` is a path such as
 * `hub/ledger`, or a path with its registry in front; `ledger` also means Docker's `library/ledger`. `host` keeps only
 * those of that registry. Whatever stands in `name`, nothing but the store is asked.
 */
export async function knownRepositories(
  repositories: RepositoryLookup,
  name: string,
  host?: string,
): Promise<ScannedRepository[]> {
  const image = name.length <= longest ? parseImage(name) : undefined
  if (!image || image.tag !== undefined || image.digest !== undefined) return []
  const written = writtenHost(name, image.registry)
  const path = written === undefined ? name : image.path
  const found = await repositories.byPath(path)
  const known = found.length > 0 || path === image.path ? found : await repositories.byPath(image.path)
  return known
    .filter(({ repository }) => [written, host].every((each) => each === undefined || isAt(repository, each)))
    .sort((a, b) => rank(a.repository) - rank(b.repository) || (a.repository < b.repository ? -1 : 1))
}

/** parseImage says docker.io also where no registry is written. */
const writtenHost = (name: string, registry: string): string | undefined =>
  name.startsWith(`${registry}/`) ? registry : undefined

const registryOf = (repository: string): string => plain(parseImage(repository)?.registry ?? '')
const isAt = (repository: string, host: string): boolean => registryOf(repository) === plain(host)
const rank = (repository: string): number => (registryOf(repository) === 'docker.io' ? 0 : 1)

/** Docker Hub goes by several names. */
const plain = (host: string): string =>
  ['docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(host) ? 'docker.io' : host
