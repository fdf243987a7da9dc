import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { listMigrationFiles, runMigrations } from '../../../src/clients/knex-migrations'
import type { MigrationRun } from '../../../src/clients/migrations/run-contract'
import { lockCapMs } from '../../../src/domain/migrations/lock-ladder'
import { type TestDatabases, testDatabases } from '../../support/database'
import { until } from '../../support/backfill'

jest.setTimeout(180_000)

let databases: TestDatabases
let url: string
let directory: string
const clients: Client[] = []
beforeAll(async () => void (databases = await testDatabases()), 60_000)
afterAll(() => databases?.remove())
beforeEach(async () => {
  url = await databases.create()
  directory = await mkdtemp(join(tmpdir(), 'refit-locks-'))
  await mkdir(join(directory, 'expand'))
  for (const table of ['a', 'b', 'c']) await databases.query(url, `create table ${table} as select 1 as id, 0 as n`)
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end().catch(() => undefined)))
  await rm(directory, { recursive: true, force: true })
})

async function connect(application: string): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: application })
  client.on('error', () => undefined)
  await client.connect()
  clients.push(client)
  return client
}

const file = (sql: string[], config = '') =>
  writeFile(
    join(directory, 'expand', '1_a.js'),
    `exports.up = async (knex) => { for (const sql of ${JSON.stringify(sql)}) await knex.raw(sql) }\n${config}`,
  )

async function run(heartbeat: (seen: string) => void, more: Partial<MigrationRun> = {}) {
  const files = await listMigrationFiles(directory)
  return runMigrations({
    ...{ url, directory, phase: 'expand', files, list: 'hub_ledger', heartbeat, limits: { pace: 0.05 } },
    ...more,
  })
}

interface Application {
  statements: number
  failures: string[]
  stop(): Promise<void>
}

/** Reads and writes the tables all the time; the server itself fails each statement that waits longer than the cap. */
function application(): Application {
  let isOver = false
  const app: Application = { statements: 0, failures: [], stop: () => Promise.resolve() }
  const loops = ['a', 'b', 'c'].map(async (table) => {
    const client = await connect('application')
    await client.query(`set lock_timeout = ${lockCapMs}`)
    while (!isOver) {
      for (const sql of [`select count(*) from ${table}`, `update ${table} set n = n + 1`])
        await client.query(sql).catch((error: Error) => app.failures.push(`${sql}: ${error.message}`))
      app.statements += 2
    }
  })
  app.stop = async () => {
    isOver = true
    await Promise.all(loops)
  }
  return app
}

/** A transaction that keeps ACCESS EXCLUSIVE from a table. */
async function hold(table: string): Promise<Client> {
  const client = await connect('report')
  await client.query('begin')
  await client.query(`select * from ${table}`)
  return client
}

const queued = async (): Promise<number> => {
  const [row] = await databases.query<{ count: number }>(
    url,
    `select count(*)::int as count from pg_locks l join pg_stat_activity a on a.pid = l.pid
     where a.application_name = 'refit-migrations' and not l.granted`,
  )
  return row?.count ?? 0
}

const three = ['a', 'b', 'c'].map((table) => `alter table ${table} add column fresh int`)

test.each([
  ['one ALTER', ['alter table c add column fresh int']],
  ['three ALTERs on three tables', three],
])('%s: while a transaction holds the table, it waits for its end and nobody queues behind it', async (_name, sql) => {
  await file(sql)
  const holder = await hold('c')
  const app = application()
  const said: string[] = []
  const migrating = run((seen) => said.push(seen))
  await until(() => said.filter((seen) => seen.includes('(report) has c')).length >= 5)
  expect(await queued()).toBe(0)
  const before = app.statements
  await until(() => app.statements > before + 100)
  await holder.query('rollback')
  await expect(migrating).resolves.toEqual({ applied: ['1_a.js'] })
  await app.stop()
  expect(app.failures).toEqual([])
  expect(said.filter((seen) => /no lock in try/.test(seen)).length).toBeGreaterThan(0)
})

test.each([
  ['one ALTER', ['alter table c add column fresh int']],
  ['three ALTERs on three tables', three],
])('%s: up to the top of the ladder no statement waits longer than the cap', async (_name, sql) => {
  await file(sql)
  const app = application()
  let holder = await hold('c')
  let tries = 0
  const migrating = run((seen) => {
    if (/no lock in try/.test(seen)) tries += 1
  })
  // When it has met one, another one begins before that ends: nobody of those whom it knows is there, and still no lock.
  for (let seen = 0; tries < 8;) {
    await until(() => tries > seen)
    seen = tries
    const next = await hold('c')
    await holder.query('rollback')
    holder = next
  }
  await holder.query('rollback')
  await expect(migrating).resolves.toEqual({ applied: ['1_a.js'] })
  await app.stop()
  expect(app.failures).toEqual([])
  expect(app.statements).toBeGreaterThan(100)
})

test('a file that keeps others from a table for too long by itself is stopped, and nothing of it stays', async () => {
  await file(['alter table a add column fresh int', 'select pg_sleep(60)'])
  const app = application()
  await expect(run(() => undefined)).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: expect.stringContaining('kept others from a for') as string,
  })
  await app.stop()
  expect(app.failures).toEqual([])
  await expect(databases.query(url, 'select fresh from a')).rejects.toThrow('does not exist')
})

test('who takes it upon them lets it go on', async () => {
  await file(['alter table a add column fresh int', 'select pg_sleep(2.5)'])
  await expect(run(() => undefined, { overrides: ['expand/1_a.js'] })).resolves.toEqual({ applied: ['1_a.js'] })
})

test('a statement outside of a transaction is tried again by itself; what came before is not run twice', async () => {
  await file(
    ['create table log (id int)', 'insert into log values (1)', 'alter table c add column fresh int'],
    'exports.config = { transaction: false }',
  )
  const holder = await hold('c')
  const said: string[] = []
  const migrating = run((seen) => said.push(seen))
  await until(() => said.some((seen) => seen.includes('(report) has c')))
  await holder.query('rollback')
  await expect(migrating).resolves.toEqual({ applied: ['1_a.js'] })
  expect(await databases.query(url, 'select * from log')).toHaveLength(1)
})

test('aborted while it waits, no session of it is left and nothing of it stays', async () => {
  await file(['alter table b add column fresh int', 'alter table c add column fresh int'])
  const holder = await connect('batch')
  await holder.query('begin; lock table c in access share mode')
  const controller = new AbortController()
  const said: string[] = []
  const migrating = run((seen) => said.push(seen), { signal: controller.signal })
  await until(() => said.some((seen) => seen.includes('(batch) has c')))
  controller.abort(new Error('enough'))
  await expect(migrating).rejects.toThrow('enough')
  const left = await databases.query(
    url,
    `select 1 from pg_stat_activity where application_name like 'refit-migrations%' and datname = current_database()`,
  )
  expect(left).toEqual([])
  await holder.query('rollback')
  await expect(databases.query(url, 'select fresh from b')).rejects.toThrow('does not exist')
})
