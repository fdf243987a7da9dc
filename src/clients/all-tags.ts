import { RefitError } from '../domain/errors'
import type { ReadOptions, Registry, TagList } from './contracts'

/** The whole list, for callers that remember none. */
export async function allTags(registry: Registry, repository: string, options?: ReadOptions): Promise<TagList> {
  const list = await registry.listTags(repository, options)
  if (list === 'unchanged')
    throw new RefitError('INTERNAL', `${repository} is unchanged, but nothing was known of it.`, 'Report it.')
  return list
}
