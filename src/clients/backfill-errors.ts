import { RefitError } from '../domain/errors'
import { batchFailure } from '../domain/migrations/backfill-failure'
import { clean } from '../domain/text'

/** The SQLSTATE or the socket's code, undefined where an error has none. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}

/** Whatever a statement of a backfill threw, as Refit's. Values of rows are in `detail` and `where`, which are not said. */
export function backfillError(error: unknown): unknown {
  if (error instanceof RefitError) return error
  const code = codeOf(error)
  const message = clean(error instanceof Error ? error.message : String(error), 300)
  if (code === '28P01' || code === '28000' || code === '3D000')
    return new RefitError(
      'DATABASE_UNAVAILABLE',
      `PostgreSQL refused the login or the database (${code}).`,
      'Check the database URL.',
      { cause: error },
    )
  if (code === '42501')
    return new RefitError(
      'MIGRATION_REFUSED',
      `The database user lacks a right: ${message}.`,
      'Grant it: the table needs SELECT and UPDATE, and the schema refit with its tables must exist or be creatable.',
      { cause: error },
    )
  if (batchFailure(code) === 'fail')
    return new RefitError(
      'MIGRATION_FAILED',
      `The backfill failed: ${message} (${code}).`,
      'Correct it and run it again.',
      {
        cause: error,
      },
    )
  if (code === undefined && !/connection|timeout|not queryable/i.test(message)) return error
  return new RefitError(
    'DATABASE_UNAVAILABLE',
    `The session with PostgreSQL was lost or can't do its work now (${code ?? message}).`,
    'Run it again: it goes on behind the last batch.',
    { cause: error },
  )
}
