import type { DecideInput, TagsRead } from '../domain/decide'
import { isRegistryError } from './decide-service'

type Marks = DecideInput['marks']

export const unboundIn = (marks: Marks, read: TagsRead): string[] => {
  const unbound = Object.keys(marks).filter((tag) => marks[tag]?.digest === undefined)
  if (unbound.length === 0 || read.kind === 'error') return []
  const listed = new Set(read.tags)
  return unbound.filter((tag) => listed.has(tag))
}

/**
 * Ties marks that have no digest yet to what their tags point to now: whatever is pushed under the same name later needs
 * a mark of its own. One whose digest can't be told counts for nothing this time.
 */
export async function bindMarks(
  marks: Marks,
  read: TagsRead,
  {
    digestOf,
    bind,
  }: {
    digestOf: (tag: string) => Promise<string | undefined>
    /** returns what is kept: another worker may have been the first */
    bind: (tag: string, digest: string) => Promise<string | undefined>
  },
): Promise<{ marks: Marks; /** tag -> */ found: Record<string, string>; /** all could be told */ complete: boolean }> {
  const bound: Record<string, Marks[string]> = { ...marks }
  const found: Record<string, string> = {}
  let complete = true
  for (const tag of unboundIn(marks, read)) {
    const digest = await digestOf(tag).catch((error: unknown) => {
      if (isRegistryError(error)) return undefined
      throw error
    })
    const kept = digest === undefined ? undefined : await bind(tag, digest)
    if (digest !== undefined) found[tag] = digest
    if (kept === undefined) {
      delete bound[tag]
      complete = false
    } else bound[tag] = { reason: marks[tag]?.reason ?? '', digest: kept }
  }
  return { marks: bound, found, complete }
}
