import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { RefitError } from '../domain/errors'
import type { Backfill } from '../domain/migrations/backfill'
import { parseBackfill } from './backfill'

/**
 * A declared backfill of a migrations directory: `name` is the file's own, such as `001_quote-id.yaml`. CONFIG_INVALID
 * names the file and every problem at once, each with its path; also for a file that isn't there.
 */
export const readBackfillFile = (directory: string, name: string): Promise<Backfill> =>
  read(join(directory, 'backfill', name), 'CONFIG_INVALID')

/** The same from any file that a person named: USAGE where it can't be read. */
export const readBackfill = (file: string): Promise<Backfill> => read(file, 'USAGE')

async function read(file: string, unreadable: 'USAGE' | 'CONFIG_INVALID'): Promise<Backfill> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new RefitError(
      unreadable,
      `${file} can't be read (${error.code ?? 'unknown'}).`,
      'Name a YAML file with a backfill.',
    )
  })
  const document = parseDocument(text, { prettyErrors: true })
  if (document.errors.length > 0)
    throw invalid(
      file,
      document.errors.map(({ message }) => message.split('\n')[0] ?? ''),
    )
  const parsed = parseBackfill(treeOf(file, document))
  if ('problems' in parsed) throw invalid(file, parsed.problems)
  return parsed.backfill
}

/** Aliases that would grow without end are an error only here. */
function treeOf(file: string, document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    throw invalid(file, [(error as Error).message])
  }
}

function invalid(file: string, problems: readonly string[]): RefitError {
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`
  return new RefitError(
    'CONFIG_INVALID',
    `${file} has ${count}:\n${problems.map((line) => `  ${line}`).join('\n')}\n`,
    'Correct it; nothing was started.',
  )
}
