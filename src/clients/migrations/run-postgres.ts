import type { Client, QueryResult } from 'pg'
import { RefitError } from '../../domain/errors'
import { beatLease, checkLease, takeLease } from '../backfill-lease'
import { fitSession, locksOn } from '../backfill-postgres'
import { makeTables } from '../backfill-postgres-tables'
import { closeQuietly, connectPostgres } from '../postgres-client'
import { makeAttemptTable } from './attempt-table'
import { invalidIndexes, whoHolds } from './postgres-locks'
import { watchPostgres } from './postgres-watch'
import type { Answer, RunSession } from './run-session'
import { schemaFingerprint } from './schema-fingerprint'

/** The name in pg_stat_activity of sessions that run migrations; those that only look end in `-look`. */
export const runApplication = 'refit-migrations'

const goneAfterMs = 30_000

/** A session on PostgreSQL itself; MIGRATION_REFUSED behind a pooler and on a standby. */
export async function openPostgres(url: string): Promise<RunSession> {
  const client = await connectPostgres(url, runApplication)
  try {
    const id = await fitSession(client)
    await refuseNamesake(client)
    await settle(client)
    const { rows } = await client.query<{ version: string }>(
      `select split_part(current_setting('server_version'), ' ', 1) as version`,
    )
    const version = rows[0]?.version ?? ''
    return sessionOf(client, url, { version, id })
  } catch (error) {
    await closeQuietly(client)
    throw error
  }
}

function sessionOf(client: Client, url: string, { version, id }: { version: string; id: number }): RunSession {
  const locks = locksOn(client, id)
  /** A short errand on a connection of its own, while this one is busy. */
  const aside = async <T>(work: (other: Client) => Promise<T>): Promise<T> => {
    const other = await connectPostgres(url, `${runApplication}-look`)
    try {
      return await work(other)
    } finally {
      await closeQuietly(other)
    }
  }
  return {
    engine: 'postgresql',
    version,
    id,
    query: async (sql, values = []) => answerOf(await client.query({ text: sql, values: [...values] })),
    isInTransaction: () => client.getTransactionStatus() !== 'I',
    takeLease: (taking) => takeLease(locks, taking),
    checkLease: (lease) => checkLease(locks, lease),
    beatLease: (lease) => beatLease(locks, lease),
    releaseLease: ({ name }) => locks.unlock(name),
    async makeTables() {
      if (!(await locks.yes(`to_regclass('refit.lease') is not null`))) await makeTables(client)
      await makeAttemptTable(client)
    },
    async bound({ lockMs, statementMs }) {
      const timeout = statementMs === undefined ? '' : `; set statement_timeout = ${Math.round(statementMs)}`
      await client.query(`set lock_timeout = ${Math.round(lockMs)}${timeout}`)
    },
    fingerprint: () => schemaFingerprint(client),
    invalidIndexes: () => invalidIndexes(client),
    dropIndex: async (name) => void (await client.query(`drop index concurrently if exists ${name}`)),
    watch: async (capMs, onHeld) =>
      watchPostgres(await connectPostgres(url, `${runApplication}-look`), { session: id, capMs, onHeld }),
    whoHolds: (blockers) => whoHolds(client, blockers),
    settle: () => settle(client),
    kill: () =>
      aside(async (other) => {
        await other.query('select pg_terminate_backend($1, $2)', [id, goneAfterMs])
      }),
    close: () => closeQuietly(client),
  }
}

/** A service of that login would from now on make its tables among Refit's. */
async function refuseNamesake(client: Client): Promise<void> {
  const { rows } = await client.query(
    `select where session_user = 'refit' and current_setting('search_path') ~ '\\$user'`,
  )
  if (rows.length > 0)
    throw new RefitError(
      'MIGRATION_REFUSED',
      'The login is called refit, so PostgreSQL would look for the service’s tables in the schema of that name, which is Refit’s.',
      'Use another login, or take "$user" out of its search_path: alter role refit set search_path = public.',
    )
}

async function settle(client: Client): Promise<void> {
  await client.query('reset session authorization; reset role; reset all; discard temp')
  // A process that stands still must not keep a table from others.
  await client.query(`set idle_in_transaction_session_timeout = '15s'; set lock_timeout = '5s'`)
  // One that is gone must not hold the lease until its statement ends; not every platform can look.
  await client.query(`set client_connection_check_interval = '2s'`).catch(() => undefined)
}

/** Several statements in one text have several results. */
function answerOf(result: QueryResult | QueryResult[]): Answer {
  if (!Array.isArray(result)) return { rows: result.rows as Answer['rows'], forKnex: plain(result) }
  return { rows: (result.at(-1)?.rows ?? []) as Answer['rows'], forKnex: result.map(plain) }
}

const plain = ({ command, rowCount, rows, fields }: QueryResult) => ({
  command,
  rowCount,
  rows: rows.map((row: object) => ({ ...row })),
  fields: fields?.map(({ name, dataTypeID }) => ({ name, dataTypeID })) ?? [],
})
