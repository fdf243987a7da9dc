import { createHash } from 'node:crypto'

/** The same for the same tags, in whatever order and on however many pages a registry lists them. */
export const tagsHash = (tags: readonly string[]): string =>
  createHash('sha256')
    .update([...new Set(tags)].sort().join('\n'))
    .digest('hex')
