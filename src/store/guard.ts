import { RefitError } from '../domain/errors'

/** Socket errors, and SQLSTATE classes 08 (connection), 53 (resources), 57P (shutdown, crash), 40 (deadlock), 25006 (a standby). */
const transient =
  /^(ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT|08|53|57P|57014|40001|40P01|25006|55P03)/
const transientMessage =
  /Connection (terminated|ended)|Client has encountered a connection error|Timeout acquiring a connection|timeout expired|timeout exceeded when trying to connect|aborted$/i
const wrongLogin = /^(28|3D000)/
/** PostgreSQL's own words of a right that is missing, which name the object and no value; knex puts the statement before. */
const denied = /(?:^| - )((?:permission denied for|must be owner of) \w+ [\w".]+)$/

/** The error as Refit's: DATABASE_UNAVAILABLE where the server is away or says no; anything else as it is. */
export function databaseError(error: unknown, place: string): unknown {
  if (error instanceof RefitError || !isErrorLike(error)) return error
  const code = codeOf(error)
  if (code === '42501') {
    const [, lacking] = denied.exec(error.message) ?? []
    return new RefitError(
      'DATABASE_UNAVAILABLE',
      `PostgreSQL at ${place} does not allow it${lacking === undefined ? '' : `: ${lacking}`} (${code}).`,
      'Grant it: refit permissions prints what each database is asked for.',
      { retryable: true },
    )
  }
  if (wrongLogin.test(code))
    return new RefitError(
      'DATABASE_UNAVAILABLE',
      `PostgreSQL at ${place} refused the login or the database (${code}).`,
      'Check DATABASE_URL.',
      { retryable: true },
    )
  if (transient.test(code) || transientMessage.test(error.message))
    return new RefitError(
      'DATABASE_UNAVAILABLE',
      `PostgreSQL at ${place} can't be reached (${code || reasonOf(error)}).`,
      'Start it, or set DATABASE_URL.',
    )
  return error
}

interface ErrorLike {
  message: string
  code?: unknown
  errors?: unknown[]
}

/** By shape: errors of Node's core are no instances of a sandbox's Error. */
const isErrorLike = (error: unknown): error is ErrorLike =>
  typeof error === 'object' && error !== null && typeof (error as { message?: unknown }).message === 'string'

/** A host with several addresses fails with an AggregateError, whose first part has the code. */
function codeOf(error: ErrorLike): string {
  if (typeof error.code === 'string') return error.code
  const first = error.errors?.[0] as { code?: unknown } | undefined
  return typeof first?.code === 'string' ? first.code : ''
}

const reasonOf = (error: ErrorLike): string => (/timeout/i.test(error.message) ? 'timeout' : 'connection lost')

type Methods = Record<string, unknown>

/** The same object, with every method's errors passed through `databaseError`; objects of methods included. */
export function guard<T extends object>(methods: T, place: string): T {
  const guarded: Methods = {}
  for (const [name, member] of Object.entries(methods as Methods)) guarded[name] = guardMember(member, place)
  return guarded as T
}

function guardMember(member: unknown, place: string): unknown {
  if (typeof member === 'object' && member !== null) return guard(member, place)
  if (typeof member !== 'function') return member
  return async (...args: unknown[]): Promise<unknown> => {
    try {
      return await (member as (...args: unknown[]) => Promise<unknown>)(...args)
    } catch (error) {
      throw databaseError(error, place)
    }
  }
}
