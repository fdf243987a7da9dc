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
  /** the knexfile that goes with it, and its hints */
  knexfile?: Knexfile
}

export interface Knexfile {
  path: string
  hints: KnexfileHints
}

interface Found {
  /** every folder that has migration-like files, wherever it is */
  folders: readonly MigrationFolder[]
  /** without a leading slash; empty is the root */
  workingDirectory: string
  knexfiles: readonly Knexfile[]
}

/**
 * Which folder has the migrations: the one that a knexfile names; else one called `migrations` with files that begin
 * with a number, the nearest below the working directory. Undefined when there is none: nothing is guessed then.
 */
export function chooseFolder({ folders, workingDirectory, knexfiles }: Found): ChosenFolder | undefined {
  const usable = folders.filter(({ files }) => knexList(files).length > 0)
  const below = usable.filter(({ path }) => isBelow(path, workingDirectory))
  for (const knexfile of [...knexfiles].sort((a, b) => nearest(a.path, b.path))) {
    const folder = usable.find(({ path }) => names(knexfile, path, workingDirectory))
    if (folder) return { folder, why: `/${knexfile.path} names it`, others: othersOf(likely(below), folder), knexfile }
  }
  const [folder] = likely(below)
  if (!folder) return undefined
  const where = workingDirectory === '' ? 'the root' : `the working directory /${workingDirectory}`
  return {
    folder,
    why: `the nearest migrations folder below ${where}`,
    others: othersOf(likely(below), folder),
    ...knexfileFor({ knexfiles, workingDirectory }, folder.path),
  }
}

/** The knexfile that names a folder, else the only one there is: settings of another database must not count. */
export function knexfileFor(
  { knexfiles, workingDirectory }: Pick<Found, 'knexfiles' | 'workingDirectory'>,
  path: string,
): { knexfile?: Knexfile } {
  const knexfile = knexfiles.find((each) => names(each, path, workingDirectory))
  const only = knexfiles.length === 1 ? knexfiles[0] : undefined
  return knexfile ? { knexfile } : only ? { knexfile: only } : {}
}

/** Relative to the knexfile, or to where it is started. */
const names = ({ path: file, hints }: Knexfile, path: string, workingDirectory: string): boolean =>
  hints.folders.some((text) => [parentOf(file), workingDirectory].some((base) => joined(base, text) === path))

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
