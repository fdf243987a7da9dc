import { Pool, types, type PoolClient } from 'pg'
import { log, messageOf, required, sleep } from './environment'

const INT8 = 20
// Amounts and counts stay far below 2^53, and callers want numbers.
types.setTypeParser(INT8, Number)

/** Keys of the session advisory locks that the hub uses. */
export const LOCKS = { migrate: 730_001, consumer: 730_002, sick: 730_100 } as const

/** A pool on DATABASE_URL; connections that break while idle are dropped, not fatal. */
export function openPool(applicationName: string, max = 8): Pool {
  const pool = new Pool({
    connectionString: required('DATABASE_URL'),
    application_name: applicationName,
    max,
    connectionTimeoutMillis: 3_000,
    statement_timeout: 10_000,
  })
  pool.on('error', (error) => log('idle connection lost', { error: messageOf(error) }))
  return pool
}

/** Resolves once the database answers. */
export async function reachable(pool: Pool): Promise<void> {
  while (!(await answers(pool))) await sleep(250)
}

/** The datastore check of a service that does not migrate. */
export async function answers(pool: Pool): Promise<boolean> {
  return pool.query('select 1').then(
    () => true,
    () => false,
  )
}

/** A session advisory lock on this connection; polled by callers, since a blocking wait would hold a snapshot. */
export async function tryLock(client: PoolClient, key: number): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [key])
  return rows[0]?.locked === true
}
