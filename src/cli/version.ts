import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The version in the nearest package.json above: the same for the sources and for a build in dist/. */
export function version(from = __dirname): string {
  const file = join(from, 'package.json')
  if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
  const parent = dirname(from)
  return parent === from ? 'unknown' : version(parent)
}
