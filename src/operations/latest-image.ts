import type { Config } from '../config'
import { RefitError } from '../domain/errors'
import { explainTags } from '../domain/tag-policy'
import { clean } from '../domain/text'
import { parseVersion } from '../domain/version'
import { knownRepositories, type RepositoryLookup, type ScannedRepository } from './known-repositories'
import { staleBefore } from '../domain/stale'

export const imageWatcherStrategies = ['patch', 'bugfix', 'minor', 'major'] as const
export type ImageWatcherStrategy = (typeof imageWatcherStrategies)[number]

export interface LatestImageStore {
  repositories: RepositoryLookup & {
    /** the last list that was trusted or accepted */
    tags(repository: string): Promise<string[] | undefined>
  }
}

export interface LatestImageParts {
  store: LatestImageStore
  config: Pick<Config, 'scan'>
}

/** What Mojaloop's image-watcher answers. */
export interface LatestImage {
  tag: string
  /** the name as it was asked for, a colon, the tag */
  fullImage: string
}

/**
 * The newest tag that the strategy allows from `tag`, or `tag` itself when nothing newer is allowed; never a pre-release.
 * Answered from what scans stored. Throws REGISTRY_NOT_FOUND for an image that no scan knows, TAG_UNPARSEABLE, and what
 * keeps its list from being believed: an old or a doubted one must not say that all is up to date.
 */
export async function latestImage(
  { store: { repositories }, config }: LatestImageParts,
  { name, tag, strategy, now }: { name: string; tag: string; strategy: ImageWatcherStrategy; now: Date },
): Promise<LatestImage> {
  const [known] = await knownRepositories(repositories, name)
  if (!known)
    throw new RefitError(
      'REGISTRY_NOT_FOUND',
      `No scan knows an image ${clean(name, 200)}.`,
      'Only images that run in the hub are known; refit status lists them.',
    )
  if (!parseVersion(tag))
    throw new RefitError(
      'TAG_UNPARSEABLE',
      `The tag ${clean(tag, 200)} is not a version.`,
      'Ask with a tag such as v1.2.3.',
    )
  const { chosen = tag } = explainTags({
    current: tag,
    tags: await readableTags(repositories, known, { name, oldest: staleBefore(config, now) }),
    strategy,
    prerelease: 'none',
  })
  return { tag: chosen, fullImage: `${name}:${chosen}` }
}

async function readableTags(
  repositories: LatestImageStore['repositories'],
  { repository, error, readAt, doubted }: ScannedRepository,
  { name, oldest }: { name: string; oldest: number },
): Promise<string[]> {
  if (error?.code === 'REGISTRY_NOT_FOUND')
    throw new RefitError(error.code, `Its registry has no image ${clean(name, 200)}.`, 'The next scan reads it again.')
  if (error) throw new RefitError(error.code, error.message, 'The next scan reads it again.')
  if (readAt === null || readAt.getTime() < oldest)
    throw new RefitError(
      'REGISTRY_UNAVAILABLE',
      `The tag list of ${repository} was ${readAt ? `read last at ${readAt.toISOString()}, which is too long ago` : 'never read'}.`,
      'refit status says whether scans run.',
    )
  if (doubted)
    throw new RefitError(
      'REGISTRY_BAD_ANSWER',
      `The tag list of ${repository} can't be trusted as it is now.`,
      'refit status says why.',
    )
  const tags = await repositories.tags(repository)
  if (!tags || tags.length === 0)
    throw new RefitError(
      'REGISTRY_BAD_ANSWER',
      `There is no tag list of ${repository} yet that can be trusted.`,
      'refit status says why.',
    )
  return tags
}
