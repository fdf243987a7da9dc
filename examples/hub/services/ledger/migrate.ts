import { join } from 'node:path'
import knex from 'knex'
import { Client } from 'pg'
import { maybeFailInit } from '../shared/behaviour'
import { LOCKS } from '../shared/database'
import { log, messageOf, required, sleep } from '../shared/environment'

const WAIT_MS = 60_000

/** `knex migrate:latest` on DATABASE_URL with the image's own files; throws what knex throws, e.g. on a newer schema. */
export async function migrate(): Promise<void> {
  maybeFailInit()
  const connection = required('DATABASE_URL')
  const guard = await lockMigrations(connection)
  const database = knex({
    client: 'pg',
    connection,
    pool: { min: 0, max: 2 },
    // Mojaloop's table names; /health reads migration_lock.
    migrations: { directory: join(__dirname, 'migrations'), tableName: 'migration' },
  })
  try {
    const [batch, files] = (await database.migrate.latest()) as [number, string[]]
    log(files.length > 0 ? 'migrated' : 'already up to date', { batch, files })
  } finally {
    await database.destroy()
    await guard.end()
  }
}

/** All replicas of a Deployment run this at the same time, and knex fails where it meets another one: so one after another. */
async function lockMigrations(connectionString: string): Promise<Client> {
  for (const deadline = Date.now() + WAIT_MS; ; await sleep(250)) {
    const client = new Client({
      connectionString,
      application_name: 'hub-ledger-migrate',
      connectionTimeoutMillis: 3_000,
    })
    client.on('error', (error) => log('lock connection lost', { error: messageOf(error) }))
    try {
      await client.connect()
      const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
        LOCKS.migrate,
      ])
      if (rows[0]?.locked) return client
      throw new Error('another migration is running')
    } catch (error) {
      await client.end().catch(() => undefined)
      if (Date.now() > deadline) throw error
    }
  }
}
