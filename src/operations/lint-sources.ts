import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { RefitError } from '../domain/errors'
import { migrationPhases } from '../domain/migration'

/** One file to lint, or why it can't be. */
export interface Source {
  file: string
  phase?: string
  reason?: string
}

const isCode = /\.[cm]?[jt]s$/
const deepest = 8

/** Files as given, and those of directories by phase, then by name; `-` is stdin. */
export async function sourcesOf(paths: string[]): Promise<Source[]> {
  const found: Source[] = []
  for (const path of paths) {
    if (path === '-') found.push({ file: '-' })
    else if (await isDirectory(path)) {
      const inside = (await filesIn(path, deepest)).flatMap((file) => sourceOf(file, false) ?? [])
      if (inside.length === 0) throw unusable(`${path} has no SQL files.`)
      found.push(...inside.sort((a, b) => order(a) - order(b) || (a.file < b.file ? -1 : 1)))
    } else found.push(sourceOf(path, true) ?? { file: path })
  }
  return found
}

const order = ({ phase }: Source): number => (migrationPhases as readonly string[]).indexOf(phase ?? '')

function sourceOf(file: string, isNamed: boolean): Source | undefined {
  const folder = basename(dirname(file))
  const phase = (migrationPhases as readonly string[]).includes(folder) ? { phase: folder } : {}
  if (isCode.test(file))
    return file.endsWith('.d.ts')
      ? undefined
      : { file, ...phase, reason: 'code is not loaded here, and its SQL shows only when it runs: rehearse it' }
  if (file.endsWith('.down.sql')) return { file, ...phase, reason: 'it undoes a migration' }
  return isNamed || file.endsWith('.sql') ? { file, ...phase } : undefined
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    throw unusable(`${path} can't be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`)
  }
}

/** Not by a recursive readdir: it follows no links, and a mounted ConfigMap is made of them. */
async function filesIn(folder: string, depth: number): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.') && name !== 'node_modules')
  const inside = names.map(async (name) => {
    const path = join(folder, name)
    if (!(await isDirectory(path))) return [path]
    return depth > 0 ? filesIn(path, depth - 1) : []
  })
  return (await Promise.all(inside)).flat()
}

const unusable = (message: string): RefitError =>
  new RefitError('USAGE', message, 'Give SQL files, directories that have some, or - for stdin.')
