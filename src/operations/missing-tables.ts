import { RefitError } from '../domain/errors'

/** Says what an unprepared database is, instead of PostgreSQL's "relation does not exist". */
export function explainMissingTables(error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code
  if (code !== '42P01' && code !== '42703') return error
  return new RefitError(
    'DATABASE_UNAVAILABLE',
    'The store lacks tables that this build needs.',
    'A worker makes them when it starts: refit worker.',
    { cause: error },
  )
}
