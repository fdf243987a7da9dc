import knex, { type Knex } from 'knex'

const connectionTimeoutMs = 10_000

/** A pool for the store. One connection keeps a session lock and the statements that it guards together. */
export function connect(databaseUrl: string, { connections = 10, statementTimeoutMs = 30_000 } = {}): Knex {
  return knex({
    client: 'pg',
    connection: {
      connectionString: databaseUrl,
      application_name: 'refit',
      connectionTimeoutMillis: connectionTimeoutMs,
      statement_timeout: statementTimeoutMs,
      // A worker that froze inside a transaction must not hold its rows for ever.
      idle_in_transaction_session_timeout: 60_000,
      keepAlive: true,
    },
    pool: { min: 0, max: connections },
    acquireConnectionTimeout: connectionTimeoutMs + 5_000,
    // What knex would print is thrown as well, and standard output belongs to the CLI.
    log: { debug: silent, warn: silent, error: silent, deprecate: silent },
  })
}

const silent = (): void => undefined

/** `host:port/database`, for messages: never the user or the password. */
export function placeOf(databaseUrl: string): string {
  try {
    const { hostname, port, pathname } = new URL(databaseUrl)
    return `${hostname || 'localhost'}:${port || '5432'}${pathname}`
  } catch {
    return 'DATABASE_URL'
  }
}
