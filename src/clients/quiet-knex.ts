import knex, { type Knex } from 'knex'
import { isMysql } from './database-url'

const say = (): void => undefined

/** A log for knex: it prints statements with their values, and what is worth saying is said by the error. */
export const silent = { warn: say, error: say, deprecate: say, debug: say, inspectionDepth: 0, enableColors: false }

/** One connection to a service's database (postgres://, mysql:// or mariadb://), made when it is first asked; `destroy` it. */
export function openOne(url: string, timeoutMs: number): Knex {
  const common = {
    // Errors reach people: they must not carry statements.
    ...{ compileSqlOnError: false, log: silent, acquireConnectionTimeout: timeoutMs },
    pool: { min: 0, max: 1 },
  }
  if (isMysql(url)) {
    const connection = { uri: url.replace(/^mariadb:/i, 'mysql:'), connectTimeout: timeoutMs }
    return knex({ ...common, client: 'mysql2', connection: connection as Knex.MySql2ConnectionConfig })
  }
  const connection = { connectionString: url, application_name: 'refit', connectionTimeoutMillis: timeoutMs }
  return knex({ ...common, client: 'pg', connection })
}
