import { readMigrations } from './read-directory'
import { type FileToRehearse, runOnce, type RehearseOptions } from './rehearse-files'
import { schemaFingerprint } from './schema-fingerprint'
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
    /** the fingerprint that it should come to */
    production: string
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
      if ((await runAll(copy, last, options)) && (await sha256Of(copy)) === options.production)
        return last.map(({ path }) => path)
    }
    return undefined
  } finally {
    await scratch.remove()
  }
}

/** Whether all of them ran to their end. */
async function runAll(
  url: string,
  files: readonly FileToRehearse[],
  options: Pick<RehearseOptions, 'directory' | 'deadlineMs' | 'signal'>,
): Promise<boolean> {
  for (const file of files) if ((await runOnce(url, file, 'up', options)).failure !== undefined) return false
  return true
}

const sha256Of = async (url: string): Promise<string> => (await withDatabase(url, schemaFingerprint)).sha256
