import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import { parseBackfill } from '../config/backfill'
import { RefitError } from '../domain/errors'
import type { Backfill } from '../domain/migrations/backfill'

export { lookAtBackfill, previewBackfill } from '../clients/backfill-look'
export { runBackfill } from '../clients/backfill-run'

/** A declared backfill from its file. CONFIG_INVALID names every problem at once. */
export function readBackfill(file: string): Backfill {
  const document = parseDocument(textOf(file), { prettyErrors: true })
  if (document.errors.length > 0)
    throw invalid(
      file,
      document.errors.map(({ message }) => message.split('\n')[0] ?? ''),
    )
  const parsed = parseBackfill(document.toJS({ maxAliasCount: 100 }))
  if ('problems' in parsed) throw invalid(file, parsed.problems)
  return parsed.backfill
}

/** The database's URL by the name of its variable, so that it never stands on a command line. */
export function databaseUrl(env: NodeJS.ProcessEnv, name: string): string {
  const url = env[name]?.trim()
  if (url && /^postgres(ql)?:\/\//.test(url)) return url
  throw new RefitError(
    'USAGE',
    url ? `$${name} is no URL of PostgreSQL.` : `There is no environment variable ${name}.`,
    `Set ${name} to postgres://user:password@host:port/database.`,
  )
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new RefitError('USAGE', `${file} can't be read (${code}).`, 'Name a YAML file with a backfill.')
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
