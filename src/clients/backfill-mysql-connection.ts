import { type Connection, createConnection } from 'mysql2/promise'
import { RefitError } from '../domain/errors'
import { unfit } from './backfill-errors'
import type { Answer } from './backfill-session'

/** Also for the signals. Whatever the URL says, a second statement behind a semicolon is an error. */
export function connect(url: string): Promise<Connection> {
  const uri = new URL(url.replace(/^mariadb:/i, 'mysql:'))
  uri.searchParams.delete('multipleStatements')
  return createConnection({
    ...{ uri: uri.toString(), connectTimeout: 10_000, enableKeepAlive: true, timezone: 'Z', charset: 'utf8mb4' },
  })
}

export interface Fit {
  id: number
  isMariaDb: boolean
  database: string
}

/** What is known of it; MIGRATION_REFUSED where batches would not be safe. */
export async function fitSession(connection: Connection): Promise<Fit> {
  // It ends while nothing runs on it: the next statement tells so.
  connection.on('error', () => undefined)
  const { rows } = answered(
    await connection.query(
      `select connection_id() as id, version() as version, database() as here, @@global.read_only or @@global.innodb_read_only as replica,
         @@global.log_bin and @@session.binlog_format = 'STATEMENT' as statements`,
    ),
  )
  const { id, version, here, replica, statements } = rows[0] ?? {}
  if (id !== connection.threadId) throw unfit.pooler()
  if (replica) throw unfit.standby()
  if (typeof here !== 'string')
    throw new RefitError('MIGRATION_REFUSED', 'The database URL names no database.', 'Write it behind the port.')
  if (statements)
    throw new RefitError(
      'MIGRATION_REFUSED',
      'The binary log gets statements (binlog_format STATEMENT): batches that others write beside would be replayed in another order.',
      'Set binlog_format to ROW or MIXED.',
    )
  return { id: id, database: here, isMariaDb: /mariadb/i.test(String(version)) }
}

export async function settle(connection: Connection, isMariaDb: boolean): Promise<void> {
  // Gaps are not locked, so that others can insert into the range of a batch.
  await connection.query('set session transaction isolation level read committed')
  // A process that stands still must not hold rows.
  const idle = isMariaDb ? 'idle_transaction_timeout = 5' : 'wait_timeout = 30'
  await connection.query(`set session ${idle}, lock_wait_timeout = 5`)
}

export const answered = ([result]: [unknown, ...unknown[]]): Answer =>
  Array.isArray(result)
    ? { rows: result as Answer['rows'], count: result.length }
    : { rows: [], count: (result as { affectedRows: number }).affectedRows }
