import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** sha256 in hex of a file's content; undefined when there is none. */
export async function hashOfFile(...path: string[]): Promise<string | undefined> {
  try {
    return createHash('sha256')
      .update(await readFile(join(...path)))
      .digest('hex')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
