import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RefitError } from '../../domain/errors'
import { classifyMigrations, type MigrationPhase, migrationPhases } from '../../domain/migration'
import type { MigrationFile } from '../../domain/plan'
import { hashOfFile } from '../hash-file'
import { namesIn } from '../names-in'

/**
 * Lists and hashes an operator's migration directory: `expand/`, `backfill/`, `contract/`, in knex's order (by name).
 * CONFIG_INVALID when there is none, or code in it that would never run.
 */
export async function listMigrationFiles(directory: string): Promise<MigrationFile[]> {
  const { files, problems } = classifyMigrations(await pathsIn(directory))
  if (problems.length > 0)
    throw new RefitError(
      'CONFIG_INVALID',
      `The migrations in ${directory} can't be used: ${problems.join('; ')}.`,
      'Put each as .js, .cjs or .sql, under a name of its own, into expand/, backfill/ or contract/.',
    )
  if (files.length === 0)
    throw new RefitError(
      'CONFIG_INVALID',
      `${directory} has no migration files in expand/, backfill/ or contract/.`,
      'Check migrations[].directory in refit.yaml.',
    )
  return Promise.all(
    files.map(async (file) => {
      const content = await readFile(join(directory, file.phase, file.name))
      return { ...file, sha256: createHash('sha256').update(content).digest('hex') }
    }),
  )
}

/**
 * sha256 over all files in folders below the phases': code that migrations may load, which is approved with them. Undefined
 * where there is none. Not of folders with a dot in front, such as those that a mounted ConfigMap is made of, nor of packages.
 */
export async function helpersHash(directory: string): Promise<string | undefined> {
  const paths = (await Promise.all(migrationPhases.map((phase) => filesBelow(directory, phase)))).flat().sort()
  const helpers = paths.filter((path) => path.split('/').length > 2)
  if (helpers.length === 0) return undefined
  const hash = createHash('sha256')
  for (const path of helpers) hash.update(`${path} ${await hashOfFile(directory, path)}\n`)
  return hash.digest('hex')
}

async function filesBelow(directory: string, folder: string): Promise<string[]> {
  const names = await namesIn(join(directory, folder), 'ENOENT', 'ENOTDIR')
  // No folder: a file.
  if (!names) return [folder]
  const inside = names.filter((name) => !name.startsWith('.') && name !== 'node_modules')
  return (await Promise.all(inside.map((name) => filesBelow(directory, `${folder}/${name}`)))).flat()
}

/** The two levels that matter. Not by a recursive readdir: it follows no links, and a mounted ConfigMap is made of them. */
async function pathsIn(directory: string): Promise<string[]> {
  const names = (await namesIn(directory, 'ENOENT')) ?? []
  const paths = names
    .filter((name) => !name.startsWith('.'))
    .map(async (name) => {
      const inside = await namesIn(join(directory, name), 'ENOTDIR')
      return inside?.map((each) => `${name}/${each}`) ?? [name]
    })
  return (await Promise.all(paths)).flat()
}

/** What `runMigrations` runs; declared backfills are not its business. */
export const isCode = ({ name }: { name: string }): boolean => /\.(c?js|sql)$/.test(name)

/** MIGRATION_CHANGED unless the phase's code on disk is what the plan says. */
export async function assertPlanned(
  directory: string,
  phase: MigrationPhase,
  planned: readonly MigrationFile[],
): Promise<void> {
  const now = (await listMigrationFiles(directory)).filter((file) => file.phase === phase && isCode(file))
  const differs =
    now.length !== planned.length ||
    now.some((file, index) => file.name !== planned[index]?.name || file.sha256 !== planned[index]?.sha256)
  if (differs)
    throw new RefitError(
      'MIGRATION_CHANGED',
      `The ${phase} files in ${directory} are not those of the approved plan.`,
      'Restore them, or run refit scan for a new plan and approve that.',
    )
}
