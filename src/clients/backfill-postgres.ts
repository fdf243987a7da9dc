import type { Client, QueryConfig, QueryResult } from 'pg'
import { RefitError } from '../domain/errors'
import { postgresql as dialect } from '../domain/migrations/backfill-dialect'
import { batchFailure } from '../domain/migrations/backfill-failure'
import { change, changeAndLook } from '../domain/migrations/backfill-sql'
import { backfillError, codeOf, proofTooSlow, proofTimeoutMinutes, unfit } from './backfill-errors'
import { postgresSignals } from './backfill-postgres-signals'
import { makeTables, own } from './backfill-postgres-tables'
import { inspectTarget } from './backfill-postgres-target'
import type { Answer, BackfillSession } from './backfill-session'
import { closeQuietly, connectPostgres } from './postgres-client'

/** The name of its sessions in pg_stat_activity. */
const application = 'refit-backfill'
const leastVersion = 140_000

const answered = ({ rows, rowCount }: QueryResult): Answer => ({
  rows: rows as Answer['rows'],
  count: rowCount ?? rows.length,
})

/**
 * A session on PostgreSQL itself. MIGRATION_REFUSED behind a pooler, where neither a session lock nor a setting stays with
 * the next statement; on a standby; and on servers before 14, which don't tell since when a session waits.
 */
export async function openPostgres(url: string): Promise<BackfillSession> {
  const client = await connectPostgres(url, application).catch((error: unknown) => {
    throw errorOf(error)
  })
  const close = () => closeQuietly(client)
  try {
    const id = await fitSession(client)
    await settle(client)
    return sessionOn(client, url, id, close)
  } catch (error) {
    await close()
    throw errorOf(error)
  }
}

const errorOf = (error: unknown): unknown => backfillError(error, 'PostgreSQL', classOf)
const classOf = (code: string) => {
  if (code === '28P01' || code === '28000' || code === '3D000') return 'login'
  return code === '42501' ? 'right' : batchFailure(code) === 'fail' ? 'wrong' : 'lost'
}

/** Session locks by name, and the queries of a lease, on one connection. */
export function locksOn(client: Client, id: number) {
  const query = async (text: string) => answered(await client.query(text))
  const lock = (name: string) => `hashtextextended(${dialect.literal(`refit/${name}`)}, 0)`
  const yes = async (condition: string) => (await query(`select ${condition} as yes`)).rows[0]?.yes === true
  return {
    ...{ id, dialect, own, query, yes },
    tryLock: (name: string) => yes(`pg_try_advisory_lock(${lock(name)})`),
    unlock: async (name: string) => void (await query(`select pg_advisory_unlock(${lock(name)})`)),
    isLocked: (name: string) =>
      yes(`exists (select 1 from pg_locks where locktype = 'advisory' and granted and objsubid = 1
        and database = (select oid from pg_database where datname = current_database())
        and ((classid::bigint << 32) | objid::bigint) = ${lock(name)})`),
    holds: () => 'true',
  }
}

function sessionOn(client: Client, url: string, id: number, close: () => Promise<void>): BackfillSession {
  const { query, yes, ...locks } = locksOn(client, id)
  /** By the extended protocol, which takes one statement: a second one behind a semicolon is an error. */
  const single = async (text: string) => answered(await client.query({ text, queryMode: 'extended' } as QueryConfig))
  return {
    ...{ engine: 'PostgreSQL', ...locks, query, close, errorOf },
    // One message, answered statement by statement.
    together: async (texts) =>
      ((await client.query(texts.join(';\n'))) as unknown as QueryResult[]).map((each) => answered(each)),
    begin: ({ statementTimeoutMs, lockTimeoutMs }) => [
      'begin isolation level read committed read write',
      `set local statement_timeout = ${Math.round(statementTimeoutMs)}`,
      `set local lock_timeout = ${Math.round(lockTimeoutMs)}`,
      // A crash of the server may undo the last batches, each with its checkpoint; rows are free before the disk is done.
      // Whoever commits what it saw of them makes them last, and so does the end of the backfill.
      'set local synchronous_commit = off',
    ],
    hasTables: () => yes(`to_regclass('${own.lease}') is not null and to_regclass('${own.backfill}') is not null`),
    makeTables: () => makeTables(client),
    inspect: (backfill) => inspectTarget({ query, single }, backfill),
    explain: async (text) => (await single(`explain ${text}`)).rows.map((row) => String(row['QUERY PLAN'])),
    async change(keyed, range) {
      const declared = keyed.backfill.change
      if (declared.kind === 'statement') return { changed: (await single(change(keyed, range))).count, still: 0 }
      const { rows } = await single(changeAndLook(keyed, range, declared.where))
      return rows[0] as unknown as { changed: number; still: number }
    },
    async finds(text) {
      try {
        await client.query(
          `begin read only; set local statement_timeout = '${proofTimeoutMinutes}min'; set local lock_timeout = '5s'`,
        )
        const { rows } = await single(text)
        await query('commit')
        return rows.length > 0
      } catch (error) {
        await query('rollback').catch(() => undefined)
        throw codeOf(error) === '57014' ? proofTooSlow() : error
      }
    },
    readOnly: async () =>
      void (await client.query(
        `set default_transaction_read_only = on; set lock_timeout = '5s'; set statement_timeout = '30s'`,
      )),
    signals: () => postgresSignals(url, id),
    failure: (error) => batchFailure(codeOf(error)),
  }
}

/** Its number. MIGRATION_REFUSED where neither a lease nor a setting would stay with the statements, or nothing can be written. */
export async function fitSession(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number; standby: boolean; version: number }>(
    `select pg_backend_pid() as pid, pg_is_in_recovery() as standby, current_setting('server_version_num')::int as version`,
  )
  const [seen] = rows
  // A pooler speaks the protocol itself, so the process that it announced is not the one that answers.
  if (seen?.pid !== (client as unknown as { processID: number | null }).processID) throw unfit.pooler()
  if (seen.standby) throw unfit.standby()
  if (seen.version < leastVersion)
    throw new RefitError(
      'MIGRATION_REFUSED',
      `The server is PostgreSQL ${Math.floor(seen.version / 10_000)}; Refit needs 14 or newer.`,
      'Upgrade the server, or run it by hand.',
    )
  return seen.pid
}

async function settle(client: Client): Promise<void> {
  // A process that stands still must not hold rows. Keys are kept as text, which must mean the same to every role.
  await client.query(
    `set idle_in_transaction_session_timeout = '5s'; set lock_timeout = '5s'; set datestyle = 'ISO'; set extra_float_digits = 1`,
  )
  // One that is gone must not hold the lease until its statement ends; not every platform can look.
  await client.query(`set client_connection_check_interval = '2s'`).catch(() => undefined)
}
