import { readFileSync } from 'node:fs'
import satisfies from 'spdx-satisfies'

/** Licences under which Refit may carry a package: permissive ones, and MPL-2.0, whose files stay as they are. */
export const allowed = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  // Lists of names and numbers, not programs.
  'CC-BY-3.0',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
] as const

/** Packages whose package.json says nothing that can be read; what their licence file says, as looked up by a person. */
export const lookedUp: Readonly<Record<string, string>> = { unionfs: 'Unlicense' }

export interface Refused {
  name: string
  version: string
  licence: string
}

interface Locked {
  version?: string
  license?: unknown
  link?: boolean
}

/** The packages of a lock file (version 3) whose licence is not allowed, or not known. */
export function refusedLicences(lockFile: string): Refused[] {
  const { packages = {} } = JSON.parse(readFileSync(lockFile, 'utf8')) as { packages?: Record<string, Locked> }
  return Object.entries(packages).flatMap(([path, { version = '', license, link }]) => {
    if (path === '' || link) return []
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const licence = typeof license === 'string' ? license : (lookedUp[name] ?? 'unknown')
    return isAllowed(licence) ? [] : [{ name, version, licence }]
  })
}

function isAllowed(expression: string): boolean {
  try {
    return satisfies(expression, [...allowed])
  } catch {
    return false
  }
}
