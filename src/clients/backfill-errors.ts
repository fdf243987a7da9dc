import { RefitError } from '../domain/errors'
import { clean } from '../domain/text'

/** The SQLSTATE or the socket's code, undefined where an error has none. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}

export const proofTimeoutMinutes = 10

export const proofTooSlow = (): RefitError =>
  new RefitError(
    'MIGRATION_FAILED',
    `The proof took longer than ${proofTimeoutMinutes} minutes.`,
    'Make an index for it (on PostgreSQL: create index concurrently … where …), then run it again: it goes on.',
  )

const refused = (message: string, next: string): RefitError => new RefitError('MIGRATION_REFUSED', message, next)

/** Servers on which a backfill would not be safe. */
export const unfit = {
  pooler: () =>
    refused(
      'The database URL leads to a connection pooler: a lease would not stay with the statements that it guards.',
      'Give the address of the database server itself.',
    ),
  standby: () =>
    refused(
      'The database URL leads to a standby or a replica, which can only be read.',
      'Give the address of the primary.',
    ),
}

/** Of a table and its key. */
export const badTarget = {
  noTable: (table: string) =>
    refused(`There is no table ${table}.`, 'Write it as schema.table, spelled as in the catalog.'),
  isNoTable: (table: string) =>
    refused(`${table} is no table.`, 'Write it as schema.table, spelled as in the catalog.'),
  noColumns: (table: string, lacking: readonly string[]) =>
    refused(`${table} has no column ${lacking.join(', ')}.`, 'Correct key.'),
  // Rows without a value are neither before nor behind any key.
  nullable: (table: string, column: string) =>
    refused(`${column} of ${table} may be null, so rows could be left out.`, 'Name another key.'),
  notUnique: (table: string, key: readonly string[]) =>
    refused(
      `No unique index of ${table} has exactly the columns ${key.join(', ')} in this order.`,
      'Name the columns of its primary key, or of a unique index without a condition.',
    ),
  unordered: (column: string, type: string) =>
    refused(`${column} is of type ${type}, by which rows can't be followed safely.`, 'Name another key.'),
}

type ErrorClass = 'login' | 'right' | 'wrong' | 'lost'

/** Whatever a statement of a backfill threw, as Refit's. Values of rows are not said. */
export function backfillError(error: unknown, engine: string, classOf: (code: string) => ErrorClass): unknown {
  if (error instanceof RefitError) return error
  const code = codeOf(error)
  const message = clean(withoutValues(error instanceof Error ? error.message : String(error)), 300)
  switch (code === undefined ? 'lost' : classOf(code)) {
    case 'login':
      return new RefitError(
        'DATABASE_UNAVAILABLE',
        `${engine} refused the login or the database (${code}).`,
        'Check the database URL.',
        { cause: error },
      )
    case 'right':
      return new RefitError(
        'MIGRATION_REFUSED',
        `The database user lacks a right: ${message}.`,
        "Grant it: the table needs SELECT and UPDATE, and Refit's own tables (docs/migrations-backfill.md) must exist or be creatable.",
        { cause: error },
      )
    case 'wrong':
      return new RefitError(
        'MIGRATION_FAILED',
        `The backfill failed: ${message} (${code}).`,
        'Correct it and run it again.',
        { cause: error },
      )
    case 'lost':
      if (code === undefined && !/connection|timeout|not queryable/i.test(message)) return error
      return new RefitError(
        'DATABASE_UNAVAILABLE',
        `The session with ${engine} was lost or can't do its work now (${code ?? message}).`,
        'Run it again: it goes on behind the last batch.',
        { cause: error },
      )
  }
}

/** MariaDB and MySQL write a row's value into some messages; PostgreSQL keeps it in a field of its own, but for a few. */
const withoutValues = (message: string): string =>
  message.replace(/(entry|value:?|for type \w+:) (?:'.*'(?= for )|'[^']*'|"[^"]*")/gi, '$1 …')
