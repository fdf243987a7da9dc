import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RefitError } from '../../domain/errors'
import { rehearsalFiles } from '../../domain/migrations/rehearsal-files'
import { namesIn } from '../names-in'
import type { FileToRehearse } from './rehearse-files'

export interface ReadFile extends FileToRehearse {
  sha256: string
}

/** The migrations of a local directory in the order in which they run; USAGE when there is none, or one that never runs. */
export async function readMigrations(directory: string): Promise<ReadFile[]> {
  const { files, problems } = rehearsalFiles(await pathsIn(directory))
  if (problems.length > 0)
    throw new RefitError(
      'USAGE',
      `The migrations in ${directory} can't be used: ${problems.join('; ')}.`,
      'Put .js, .cjs or .sql files into expand/, backfill/ and contract/, or all of them beside each other.',
    )
  if (files.length === 0)
    throw new RefitError('USAGE', `${directory} has no migrations.`, 'Name a directory with .js, .cjs or .sql files.')
  return Promise.all(
    files.map(async (file) => {
      const content = await readFile(join(directory, file.path))
      return {
        ...file,
        sha256: createHash('sha256').update(content).digest('hex'),
        ...(file.kind === 'sql' ? { sql: content.toString('utf8') } : {}),
      }
    }),
  )
}

const noFolder = ['ENOTDIR', 'ENOENT']

/** Two levels; not by a recursive readdir, which follows no links. */
async function pathsIn(directory: string): Promise<string[]> {
  const names = await namesIn(directory, ...noFolder)
  if (!names) throw new RefitError('USAGE', `${directory} is no directory that can be read.`, 'Check the path.')
  const visible = names.filter((name) => !name.startsWith('.') && name !== 'node_modules')
  const inside = await Promise.all(visible.map((name) => namesIn(join(directory, name), ...noFolder)))
  return visible.flatMap((name, index) => inside[index]?.map((each) => `${name}/${each}`) ?? [name])
}
