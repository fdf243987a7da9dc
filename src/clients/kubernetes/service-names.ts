import { createHash } from 'node:crypto'

/**
 * A name for each repository of a namespace: its last segment, or all of it where that isn't unique. Names stand in
 * workflow ids, Job names and labels, so everything but small letters and digits becomes `-`.
 */
export function serviceNames(repositories: readonly string[]): Map<string, string> {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const form of [lastSegment, plain, hashed]) {
    const count = new Map<string, number>()
    for (const repository of repositories) count.set(form(repository), (count.get(form(repository)) ?? 0) + 1)
    for (const repository of repositories) {
      const name = form(repository)
      if (names.has(repository) || taken.has(name) || count.get(name) !== 1) continue
      names.set(repository, name)
      taken.add(name)
    }
  }
  return names
}

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

const lastSegment = (repository: string): string => plain(repository.slice(repository.lastIndexOf('/') + 1))

const hashed = (repository: string): string =>
  `${plain(repository)}-${createHash('sha256').update(repository).digest('hex').slice(0, 8)}`
