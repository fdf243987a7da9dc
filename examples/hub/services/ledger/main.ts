import type { Pool } from 'pg'
import { openPool } from '../shared/database'
import { log, messageOf } from '../shared/environment'
import { drainMs, runService } from '../shared/service'
import { createConsumer } from './consumer'
import { migrate } from './migrate'
import { transferRoutes } from './transfers'

const [command = process.env.ROLE ?? 'api', ...flags] = process.argv.slice(2)

void main().catch((error: unknown) => {
  console.error(messageOf(error))
  process.exit(1)
})

async function main(): Promise<void> {
  if (command === 'api') return api()
  if (command === 'consumer') return consumer()
  if (command === 'migrate') return runMigrate(flags.includes('--in-pod'))
  throw new Error(`unknown command ${command}: api, consumer or migrate`)
}

/** LEDGER_MIGRATIONS_DISABLED is for init containers; a Job that is told to migrate does. */
async function runMigrate(inPod: boolean): Promise<void> {
  if (inPod && process.env.LEDGER_MIGRATIONS_DISABLED === 'true') return log('in-pod migration is disabled')
  await migrate()
}

async function api(): Promise<void> {
  const pool = openPool('hub-ledger-api')
  const checks = [{ name: 'datastore', isUp: () => unlocked(pool) }]
  await runService({ name: 'ledger', pool, routes: transferRoutes(pool), checks, drainMs: drainMs() })
}

async function consumer(): Promise<void> {
  const pool = openPool('hub-ledger-consumer', 3)
  const { start, stop, isPosting } = createConsumer(pool)
  const checks = [
    { name: 'datastore', isUp: () => unlocked(pool) },
    { name: 'queue', isUp: isPosting },
  ]
  await runService({ name: 'ledger-consumer', pool, routes: [], checks, start, stop, drainMs: 0 })
}

/** As Mojaloop's datastore check: a held knex lock counts as down. */
async function unlocked(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ is_locked: number }>({
    name: 'migration-lock',
    text: 'select is_locked from migration_lock',
  })
  return rows.every(({ is_locked }) => is_locked === 0)
}
