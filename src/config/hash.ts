import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** sha256 of refit.yaml as it is written, references unresolved; undefined when it can't be read. */
export function configHash(file: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex')
  } catch {
    return undefined
  }
}
