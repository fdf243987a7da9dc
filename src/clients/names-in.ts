import { readdir } from 'node:fs/promises'

/** The names in a folder; undefined when reading it fails with one of these codes. */
export async function namesIn(folder: string, ...unless: string[]): Promise<string[] | undefined> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (unless.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
