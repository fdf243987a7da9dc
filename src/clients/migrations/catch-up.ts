import { schemaChange, type SchemaItem } from '../../domain/migrations/schema-items'
import { withoutLists } from '../../domain/migrations/copy-objection'
import { readMigrations } from './read-directory'
import { type FileToRehearse, runOnce, type RehearseOptions } from './rehearse-files'
import { schemaItems } from './schema-fingerprint'
import { openScratch, withDatabase } from './scratch'

/** More than this the copy is better restored anew. */
const mostFiles = 20

/**
 * A copy falls behind with every upgrade that Refit makes. The applied files, the last ones first, that bring it to
 * production's schema; undefined where none do. `applied` in the order in which they were. The copy itself is not touched.
 */
export async function catchUp(
  options: Pick<RehearseOptions, 'url' | 'directory' | 'deadlineMs' | 'signal'> & {
    applied: readonly string[]
    production: readonly SchemaItem[]
  },
): Promise<string[] | undefined> {
  const known = new Map((await readMigrations(options.directory)).map((file) => [file.path, file]))
  const files = options.applied.flatMap((path) => known.get(path) ?? []).slice(-mostFiles)
  if (files.length === 0) return undefined
  const scratch = await openScratch({ url: options.url, useExisting: true })
  try {
    for (let count = 1; count <= files.length; count += 1) {
      options.signal?.throwIfAborted()
      const last = files.slice(-count)
      const copy = await scratch.copy(scratch.origin)
      if ((await runAll(copy, last, options)) && isSame(await withDatabase(copy, schemaItems), options.production))
        return last.map(({ path }) => path)
    }
    return undefined
  } finally {
    await scratch.remove()
  }
}

/** Whether all of them ran to their end. */
export async function runAll(
  url: string,
  files: readonly FileToRehearse[],
  options: Pick<RehearseOptions, 'directory' | 'deadlineMs' | 'signal'>,
): Promise<boolean> {
  for (const file of files) if ((await runOnce(url, file, 'up', options)).failure !== undefined) return false
  return true
}

function isSame(items: readonly SchemaItem[], others: readonly SchemaItem[]): boolean {
  const { added, removed, changed } = schemaChange(withoutLists(items), withoutLists(others))
  return added.length + removed.length + changed.length === 0
}
