import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CancelledFailure } from '@temporalio/activity'
import { MockActivityEnvironment } from '@temporalio/testing'
import { Client } from 'pg'
import { runKnexPhase } from '../../src/activities/run-knex-phase'
import { helpersHash, listMigrationFiles, runMigrations } from '../../src/clients/knex-migrations'
import { planOf } from '../domain/fixtures'
import { testDatabases, type TestDatabases } from '../support/database'
import { world } from './support'

let databases: TestDatabases
let url: string
let directory: string
beforeAll(async () => {
  databases = await testDatabases()
})
afterAll(() => databases?.remove())
beforeEach(async () => {
  url = await databases.create()
  directory = await mkdtemp(join(tmpdir(), 'refit-migrations-'))
  await mkdir(join(directory, 'expand'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const file = (name: string, sql: string, config = '') =>
  writeFile(
    join(directory, 'expand', name),
    `exports.up = (knex) => knex.raw(${JSON.stringify(sql)})\nexports.down = () => undefined\n${config}`,
  )
const apply = async (more: Partial<Parameters<typeof runMigrations>[0]> = {}) => {
  const { applied } = await runMigrations({
    ...{
      url,
      directory,
      phase: 'expand',
      files: await listMigrationFiles(directory),
      list: 'hub_ledger',
      heartbeat: () => undefined,
    },
    ...more,
  })
  return applied
}
const tables = async () => {
  const sql = `select table_name as name from information_schema.tables where table_schema = 'public' and table_name like 't_'`
  return (await databases.query<{ name: string }>(url, sql)).map(({ name }) => name).sort()
}

test('each file runs alone: what came before a failing one stays', async () => {
  await file('1_a.js', 'create table t1 (id int)')
  await file('2_b.js', 'create table t2 (id int); select count(*) from needed')
  await file('3_c.js', 'create table t3 (id int)')
  await expect(apply()).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: expect.stringContaining('needed') as string,
  })
  expect(await tables()).toEqual(['t1'])
  await databases.query(url, 'create table needed (id int)')
  await expect(apply()).resolves.toEqual(['2_b.js', '3_c.js'])
  await expect(apply()).resolves.toEqual([])
})

test('a file with transaction: false does not take the others out of theirs', async () => {
  await file('1_a.js', 'create table t1 (id int)')
  await file('2_b.js', 'create index concurrently i1 on t1 (id)', 'exports.config = { transaction: false }')
  await file('3_c.js', 'create table t3 (id int); select nonsense')
  await expect(apply()).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
  expect(await tables()).toEqual(['t1'])
  expect(await databases.query(url, `select 1 from pg_indexes where indexname = 'i1'`)).toHaveLength(1)
})

test('two services on one database keep lists of their own', async () => {
  await file('1_a.js', 'create table if not exists t1 (id int)')
  await expect(apply()).resolves.toEqual(['1_a.js'])
  await expect(apply({ list: 'hub_quoting' })).resolves.toEqual(['1_a.js'])
})

test('a file that is not the planned one stops it before the first statement', async () => {
  await file('1_a.js', 'create table t1 (id int)')
  const files = await listMigrationFiles(directory)
  await file('1_a.js', 'create table t2 (id int)')
  await expect(apply({ files })).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' })
  await file('1_a.js', 'create table t1 (id int)')
  await file('2_b.js', 'create table t2 (id int)')
  await expect(apply({ files })).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' })
  expect(await tables()).toEqual([])
})

test('a helper that is not the planned one stops it, too', async () => {
  await mkdir(join(directory, 'expand', 'lib'))
  await writeFile(join(directory, 'expand', 'lib', 'names.js'), `exports.table = 't1'`)
  await writeFile(
    join(directory, 'expand', '1_a.js'),
    `exports.up = (knex) => knex.schema.createTable(require('./lib/names').table, (t) => t.increments())`,
  )
  const files = await listMigrationFiles(directory)
  const helpers = await helpersHash(directory)
  const migration = { kind: 'knex' as const, directory, database: 'DB', files, ...(helpers ? { helpers } : {}) }
  const phase = () =>
    new MockActivityEnvironment().run(() => runKnexPhase({ environment: { DB: url } }, planOf(), migration, 'expand'))
  await writeFile(join(directory, 'expand', 'lib', 'names.js'), `exports.table = 't2'`)
  await expect(phase()).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' })
  expect(await tables()).toEqual([])
  await writeFile(join(directory, 'expand', 'lib', 'names.js'), `exports.table = 't1'`)
  await expect(phase()).resolves.toMatchObject({ kind: 'healthy' })
  expect(await tables()).toEqual(['t1'])
})

test('a second runner waits for the first and applies nothing twice', async () => {
  await file('1_a.js', 'create table t1 (id int); select pg_sleep(1)')
  await file('2_b.js', 'create table t2 (id int)')
  const [one, two] = await Promise.all([apply(), apply()])
  expect([one, two].map(({ length }) => length).sort()).toEqual([0, 2])
  expect(await tables()).toEqual(['t1', 't2'])
})

test('a run that is cancelled while it waits is cancelled, not failed: the release is not to blame', async () => {
  await file('1_a.js', 'create table t1 (id int)')
  const other = new Client({ connectionString: url })
  await other.connect()
  await other.query(`select pg_advisory_lock(hashtextextended('refit/migrations', 0))`)
  const fake = world()
  fake.deps.environment = { HUB_URL: url }
  const migration = {
    kind: 'knex' as const,
    directory,
    database: 'HUB_URL',
    files: await listMigrationFiles(directory),
  }
  const environment = new MockActivityEnvironment()
  environment.on('heartbeat', ({ seen }: { seen: string }) => {
    if (seen.startsWith('waiting for another')) environment.cancel('WORKER_SHUTDOWN')
  })
  const running = environment.run(() => runKnexPhase(fake.deps, planOf(), migration, 'expand'))
  await expect(running).rejects.toBeInstanceOf(CancelledFailure)
  await other.end()
  expect(await tables()).toEqual([])
})

test('a database that is away is tried again, not judged', async () => {
  await file('1_a.js', 'create table t1 (id int)')
  await expect(apply({ url: 'postgres://refit@127.0.0.1:9/none' })).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
  })
})
