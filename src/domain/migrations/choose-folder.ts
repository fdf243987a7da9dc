import { byName, type ImageMigration, knexList } from './knex-list'
import type { KnexfileHints } from './knexfile'

/** A folder of an image that could be its migrations, and its files. Paths have no leading slash. */
export interface MigrationFolder {
  path: string
  files: ImageMigration[]
}

export interface ChosenFolder {
  folder: MigrationFolder
  /** for people: why this one */
  why: string
  /** others that could be meant */
  others: string[]
}

interface Found {
  /** every folder that has migration-like files, wherever it is */
  folders: readonly MigrationFolder[]
  /** without a leading slash; empty is the root */
  workingDirectory: string
  knexfiles: readonly { path: string; hints: KnexfileHints }[]
}

/**
 * Which folder has the migrations: the one that a knexfile names; else one called `migrations` with files that begin
 * with a number, the nearest below the working directory. Undefined when there is none: nothing is guessed then.
 */
export function chooseFolder({ folders, workingDirectory, knexfiles }: Found): ChosenFolder | undefined {
  const usable = folders.filter(({ files }) => knexList(files).length > 0)
  const below = usable.filter(({ path }) => isBelow(path, workingDirectory))
  for (const { path: file, hints } of [...knexfiles].sort((a, b) => nearest(a.path, b.path))) {
    const bases = [parentOf(file), workingDirectory]
    const named = hints.folders.flatMap((text) => bases.map((base) => joined(base, text)))
    const folder = usable.find(({ path }) => named.includes(path))
    if (folder) return { folder, why: `/${file} names it`, others: othersOf(likely(below), folder) }
  }
  const [folder] = likely(below)
  if (!folder) return undefined
  const where = workingDirectory === '' ? 'the root' : `the working directory /${workingDirectory}`
  return { folder, why: `the nearest migrations folder below ${where}`, others: othersOf(likely(below), folder) }
}

/** The nearest first; of two equally near ones the one with more files. */
const likely = (folders: readonly MigrationFolder[]): MigrationFolder[] =>
  folders
    .filter(({ path, files }) => /(?:^|\/)migrations?$/.test(path) && knexList(files).some(isNumbered))
    .sort((a, b) => depthOf(a.path) - depthOf(b.path) || b.files.length - a.files.length || byName(a.path, b.path))

const isNumbered = ({ name }: ImageMigration): boolean => /^\d{3,}[-_.]/.test(name)
const othersOf = (all: readonly MigrationFolder[], { path }: MigrationFolder): string[] =>
  all.map((each) => each.path).filter((each) => each !== path)

const depthOf = (path: string): number => path.split('/').length
const nearest = (a: string, b: string): number => depthOf(a) - depthOf(b) || byName(a, b)
const isBelow = (path: string, folder: string): boolean => folder === '' || `${path}/`.startsWith(`${folder}/`)
const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0))

/** A path of the image; `..` ends at the root, as in a container. */
export function joined(base: string, path: string): string {
  const parts: string[] = []
  for (const part of [...(path.startsWith('/') ? [] : base.split('/')), ...path.split('/')])
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  return parts.join('/')
}
