import picomatch from 'picomatch'
import { allTags } from '../clients/all-tags'
import type { Kubernetes, ReadOptions, Registry } from '../clients/contracts'
import { type Config, watchedNamespaces } from '../config'
import { changesOf } from '../domain/changes'
import type { Changes } from '../domain/decision'
import { RefitError, sentenceOf } from '../domain/errors'
import { repositoryPath } from '../domain/image'
import { pullSecretsOf, type Service } from '../domain/service'
import { tagsBetween } from '../domain/tags-between'
import { readRelease } from './release-source'

/** One version on the way, and what its image says of itself. */
export interface NotedVersion {
  tag: string
  changes: Changes | null
}

/** What moves of one image between two releases of the hub. */
export interface NotedImage {
  /** without its registry */
  image: string
  /** null: not part of that release */
  from: string | null
  to: string | null
  /** every version on the way, the newest first */
  versions: NotedVersion[]
  /** older versions that were left out */
  more: number
  /** why nothing can be told of it */
  problem: string | null
}

/** What `refit release notes -o json` prints. */
export interface ReleaseNotes {
  from: string
  to: string
  images: NotedImage[]
  /** in both with the same tag */
  unchanged: string[]
}

interface Deps {
  config: Pick<Config, 'billOfMaterials' | 'policies'>
  kubernetes: Pick<Kubernetes, 'observeServices'>
  registry: Registry
}

const mostVersions = 20

/**
 * The notes of every image that moves between two releases of the hub, joined from the labels of all versions on the way.
 * What runs says in which registry an image lies. One that can't be read has the reason; the others are told nevertheless.
 */
export async function releaseNotes(deps: Deps, from: string, to: string): Promise<ReleaseNotes> {
  const [before, after] = [readRelease(from, deps.config).services, readRelease(to, deps.config).services]
  const running = await deps.kubernetes.observeServices(watchedNamespaces(deps.config))
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  const tagIn = (images: Readonly<Record<string, string>>, name: string): string | null =>
    (Object.hasOwn(images, name) ? images[name] : undefined) ?? null
  const moves = names.map((image) => ({ image, from: tagIn(before, image), to: tagIn(after, image) }))
  return {
    from,
    to,
    images: await Promise.all(
      moves.filter((move) => move.from !== move.to).map((move) => notedImage(deps.registry, move, running)),
    ),
    unchanged: moves.filter((move) => move.from === move.to).map(({ image }) => image),
  }
}

type Move = Pick<NotedImage, 'image' | 'from' | 'to'>

async function notedImage(registry: Registry, move: Move, running: readonly Service[]): Promise<NotedImage> {
  const { image, from, to } = move
  const told = (versions: NotedVersion[], more = 0, problem: string | null = null): NotedImage => ({
    ...{ ...move, versions, more, problem },
  })
  if (to === null) return told([])
  const matches = picomatch(image)
  const service = running.find(({ repository }) => matches(repositoryPath(repository)))
  if (!service) return told([], 0, 'nothing of it runs here, so its registry is not known')
  const options = { pullSecrets: pullSecretsOf(service) }
  try {
    const all = await tagsOnTheWay(registry, service.repository, { from, to }, options)
    const tags = all.slice(0, mostVersions)
    const versions = tags.map((tag, index) =>
      noted(registry, service.repository, { tag, from: all[index + 1] ?? from }, options),
    )
    return told(await Promise.all(versions), all.length - tags.length)
  } catch (error) {
    if (!(error instanceof RefitError)) throw error
    return told([], 0, sentenceOf(error))
  }
}

/** The newest first; only the target where it goes backwards or the tags can't be compared. */
async function tagsOnTheWay(
  registry: Registry,
  repository: string,
  { from, to }: { from: string | null; to: string },
  options: ReadOptions,
): Promise<string[]> {
  if (from === null) return [to]
  const { tags } = await allTags(registry, repository, options)
  return [to, ...tagsBetween(tags, from, to, 'major').reverse()]
}

async function noted(
  registry: Registry,
  repository: string,
  { tag, from }: { tag: string; from: string | null },
  options: ReadOptions,
): Promise<NotedVersion> {
  const digest = await registry.digestOf(repository, tag, options)
  if (digest === undefined)
    throw new RefitError('REGISTRY_NOT_FOUND', `${repository} has no tag ${tag}.`, 'Push it, or correct the release.')
  const facts = await registry.imageFacts(repository, digest, options)
  const changes = facts && changesOf(facts, { ...(from === null ? {} : { from }), to: tag })
  return { tag, changes: changes ?? null }
}
