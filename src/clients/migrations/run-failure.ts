import { RefitError } from '../../domain/errors'
import type { MigrationPhase } from '../../domain/migration'
import { clean } from '../../domain/text'
import { databaseError } from '../../store/guard'
import { FileFailure } from './run-child'

/** PostgreSQL: connection, shutdown; sockets. MySQL: server gone or lost, shut down, killed. */
const lostCode =
  /^(08|57P0[1-5]|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|PROTOCOL_|ER_CON_COUNT|ER_SERVER_SHUTDOWN|ER_CONNECTION_KILLED)/
const lostMessage = /connection (?:terminated|ended|lost|is in closed state)|not queryable|closed state/i

/** Whether nobody can be asked now what became of the file. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof RefitError) return error.code === 'DATABASE_UNAVAILABLE'
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string }
  return (typeof code === 'string' && lostCode.test(code)) || lostMessage.test(message)
}

const full = new Set<unknown>(['53100', 'ER_DISK_FULL', 'ER_RECORD_FILE_FULL'])
const readOnly = new Set<unknown>(['25006', 'ER_OPTION_PREVENTS_STATEMENT', 'ER_READ_ONLY_MODE'])

const denied = new Set<unknown>(['ER_ACCESS_DENIED_ERROR', 'ER_DBACCESS_DENIED_ERROR', 'ER_BAD_DB_ERROR'])

/** Whatever ended a run, as Refit's error. Values of rows are in `detail`, which is not said. */
export function failureOf(error: unknown, phase: MigrationPhase): unknown {
  if (error instanceof RefitError) return error
  const { code } = (error ?? {}) as { code?: unknown }
  const place = `the database of the ${phase} migration`
  if (full.has(code))
    return new RefitError(
      'MIGRATION_REFUSED',
      `The disk of ${place} is full (${String(code)}); what ran was rolled back.`,
      'Make room, then let it go on.',
      { cause: error },
    )
  if (readOnly.has(code))
    return new RefitError(
      'MIGRATION_REFUSED',
      `${place} can only be read (${String(code)}).`,
      'Give the address of the primary.',
      { cause: error },
    )
  if (!(error instanceof FileFailure) && denied.has(code))
    return new RefitError(
      'DATABASE_UNAVAILABLE',
      `${place} refused the login or the database (${String(code)}).`,
      'Check its URL.',
      { cause: error },
    )
  if (isConnectionLost(error))
    return new RefitError(
      'DATABASE_UNAVAILABLE',
      `The connection to ${place} was lost (${typeof code === 'string' ? code : 'closed'}).`,
      'It is tried again.',
      { cause: error },
    )
  const known = error instanceof FileFailure || code === '57014' ? error : databaseError(error, place)
  if (known instanceof RefitError) return known
  const message = clean(error instanceof Error ? error.message : String(error), 500)
  const why = code === '57014' ? `${message}: it took longer than it may` : message
  return new RefitError(
    'MIGRATION_FAILED',
    `${phase} migration failed: ${why}`,
    'Nothing was rolled out. Correct the migration and run refit scan.',
    { cause: error },
  )
}
