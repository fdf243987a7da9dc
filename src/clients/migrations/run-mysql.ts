import {
  type Connection,
  createConnection,
  type FieldPacket,
  type QueryResult,
  type RowDataPacket,
} from 'mysql2/promise'
import { RefitError } from '../../domain/errors'
import { wholeSeconds } from '../../domain/migrations/lock-ladder'
import { sentStatement } from '../../domain/migrations/sent-statement'
import { beatLease, checkLease, takeLease } from '../backfill-lease'
import { locksOn } from '../backfill-mysql'
import { leaseTable } from '../backfill-mysql-tables'
import { sleep } from '../registry/sleep'
import { mysqlAttemptTable } from './attempt-table'
import { mysqlFingerprint } from './mysql-fingerprint'
import { whoHoldsMysql, watchMysql } from './mysql-watch'
import type { Answer, RunSession } from './run-session'

const endlessSeconds = 31_536_000

/** A session on MySQL or MariaDB; MIGRATION_REFUSED on a server that can only be read. */
export async function openMysql(url: string): Promise<RunSession> {
  const connection = await connect(url)
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      'select version() as version, connection_id() as id, database() as here, @@global.read_only as isReadOnly',
    )
    const [seen] = rows
    if (Number(seen?.isReadOnly) !== 0)
      throw new RefitError(
        'MIGRATION_REFUSED',
        'The database URL leads to a replica, which can only be read.',
        'Give the address of the primary.',
      )
    // A process that stands still must not keep rows from others; MySQL has no such setting.
    await connection.query('set session idle_transaction_timeout = 15').catch(() => undefined)
    return sessionOf(connection, url, {
      id: Number(seen?.id),
      version: String(seen?.version),
      database: String(seen?.here),
    })
  } catch (error) {
    connection.destroy()
    throw error
  }
}

function sessionOf(
  connection: Connection,
  url: string,
  { id, version, database }: { id: number; version: string; database: string },
): RunSession {
  const locks = locksOn(connection, id)
  let isOpen = false
  const aside = async (work: (other: Connection) => Promise<void>): Promise<void> => {
    const other = await connect(url)
    try {
      await work(other)
    } finally {
      await other.end().catch(() => undefined)
    }
  }
  return {
    engine: 'mysql',
    version: /^\d+\.\d+\.\d+/.exec(version)?.[0] ?? '',
    id,
    async query(sql, values = []) {
      const answer = await connection.query(sql, values as unknown[])
      isOpen = opens(sql, isOpen)
      return answerOf(answer)
    },
    isInTransaction: () => isOpen,
    takeLease: (taking) => takeLease(locks, taking),
    checkLease: (lease) => checkLease(locks, lease),
    beatLease: (lease) => beatLease(locks, lease),
    releaseLease: ({ name }) => locks.unlock(name),
    async makeTables() {
      // Looked for first: even where they exist, making them takes the right to.
      for (const [name, text] of [
        [locks.own.lease, leaseTable] as const,
        ['refit_migration_attempt', mysqlAttemptTable] as const,
      ])
        if (
          !(await locks.yes(
            `(select count(*) from information_schema.tables where table_schema = database() and table_name = '${name}')`,
          ))
        )
          await connection.query(text)
    },
    async bound({ lockMs }) {
      const seconds = lockMs === 0 ? endlessSeconds : wholeSeconds(lockMs)
      await connection.query(`set session lock_wait_timeout = ${seconds}, innodb_lock_wait_timeout = ${seconds}`)
    },
    fingerprint: () => mysqlFingerprint(connection),
    invalidIndexes: () => Promise.resolve([]),
    dropIndex: () => Promise.resolve(),
    watch: async () => watchMysql(await connect(url), id),
    settle: async () => {
      await connection.query(
        'set session foreign_key_checks = default, unique_checks = default, sql_mode = default, autocommit = 1',
      )
      await connection.query(`use ${locks.dialect.quoted(database)}`)
    },
    whoHolds: (blockers) => whoHoldsMysql(connection, blockers),
    kill: () =>
      aside(async (other) => {
        await other.query(`kill ${id}`).catch(() => undefined)
        // It ends when what it did is undone, however long that takes.
        while ((await sessions(other)).includes(id)) await sleep(200)
      }),
    close: () => connection.end().catch(() => undefined),
  }
}

async function connect(url: string): Promise<Connection> {
  const connection = await createConnection({
    uri: url.replace(/^mariadb:/i, 'mysql:'),
    connectTimeout: 10_000,
    enableKeepAlive: true,
  })
  connection.on('error', () => undefined)
  return connection
}

/** Those of this login, and of all with the right to see them. */
async function sessions(connection: Connection): Promise<number[]> {
  const [rows] = await connection.query<RowDataPacket[]>('show processlist')
  return rows.map((row) => Number(row.Id))
}

/** What is open after a statement; one that changes the schema commits. */
function opens(sql: string, isOpen: boolean): boolean {
  if (/^\s*(?:begin|start\s+transaction)\b/i.test(sql)) return true
  if (/^\s*(?:commit|rollback)\b(?!\s+to)/i.test(sql) || sentStatement(sql).changesSchema) return false
  return isOpen
}

function answerOf([result, fields]: [QueryResult, FieldPacket[]]): Answer {
  const rows = Array.isArray(result) ? result.map((row) => ({ ...row })) : { ...result }
  const names = (fields ?? []).map((field) => ({ name: field?.name }))
  return { rows: Array.isArray(rows) ? rows : [], forKnex: [rows, names] }
}
