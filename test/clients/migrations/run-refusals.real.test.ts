import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listMigrationFiles, runMigrations } from '../../../src/clients/knex-migrations'
import type { MigrationRun } from '../../../src/clients/migrations/run-contract'
import { type TestDatabases, testDatabases } from '../../support/database'
import { type TestMariaDb, testMariaDb } from '../../support/mariadb'
import { until } from '../../support/backfill'

jest.setTimeout(120_000)

let databases: TestDatabases
let mariadb: TestMariaDb
let url: string
let directory: string
beforeAll(async () => {
  databases = await testDatabases()
  mariadb = await testMariaDb()
})
afterAll(async () => {
  await databases?.remove()
  await mariadb?.remove()
})
beforeEach(async () => {
  url = await databases.create()
  directory = await mkdtemp(join(tmpdir(), 'refit-refusals-'))
  await mkdir(join(directory, 'expand'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const file = (name: string, text: string) => writeFile(join(directory, 'expand', name), text)
const said: string[] = []
async function run(more: Partial<MigrationRun> = {}): Promise<string[]> {
  said.length = 0
  const files = await listMigrationFiles(directory)
  const heartbeat = (seen: string): void => void said.push(seen)
  const { applied } = await runMigrations({
    ...{ url, directory, phase: 'expand', files, list: 'hub_ledger', heartbeat, limits: { pace: 0.05 } },
    ...more,
  })
  return applied
}
const exists = async (table: string): Promise<boolean> =>
  (await databases.query(url, `select 1 from pg_tables where tablename = '${table}'`)).length > 0

test.each([
  [
    'throws in the middle',
    `await knex.raw('create table t (id int)'); throw new Error('no')`,
    'expand migration failed: no',
  ],
  ['ends its process', `await knex.raw('create table t (id int)'); process.exit(0)`, 'ended with exit code 0 before'],
  ['fills its memory', `const all = []; for (;;) all.push(new Array(1e6).fill(1))`, 'before the migration had ended'],
  ['reads a file', `require('fs').readFileSync('/etc/hostname')`, 'Access to this API has been restricted'],
  ['starts a process', `require('child_process').execSync('id')`, 'Access to this API has been restricted'],
  ['wants a stream', `await new Promise((yes, no) => knex.raw('select 1').stream().on('error', no))`, 'no streams'],
])('a file that %s fails, leaves nothing, and the worker lives', async (_name, body, message) => {
  await file('1_a.js', `exports.up = async (knex) => { ${body} }`)
  await expect(run()).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: expect.stringContaining(message) as string,
  })
  expect(await exists('t')).toBe(false)
})

test('a file finds nothing of the worker’s environment', async () => {
  process.env.REFIT_TEST_SECRET = 'hush'
  await file(
    '1_a.js',
    `exports.up = (knex) => knex.raw('create table t as select ?::text as seen', [JSON.stringify(process.env)])`,
  )
  await run()
  expect(await databases.query(url, 'select seen from t')).toEqual([{ seen: '{}' }])
  delete process.env.REFIT_TEST_SECRET
})

test.each([
  ['that counts for ever', `for (;;);`],
  ['whose statement never ends', `await knex.raw('select pg_sleep(600)')`],
])('a file %s ends with the abort, and with its deadline', async (_name, body) => {
  await file('1_a.js', `exports.up = async (knex) => { await knex.raw('create table t (id int)'); ${body} }`)
  const limits = { fileMs: 500, heldMs: 60_000 }
  await expect(run({ limits })).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: expect.stringContaining('did not end within') as string,
  })
  const controller = new AbortController()
  const running = run({ signal: controller.signal })
  await until(() => said.some((seen) => seen === 'expand/1_a.js: next'))
  controller.abort(new Error('aborted'))
  await expect(running).rejects.toThrow('aborted')
  expect(
    await databases.query(
      url,
      `select 1 from pg_stat_activity where application_name like 'refit-migrations%' and datname = current_database()`,
    ),
  ).toEqual([])
  expect(await exists('t')).toBe(false)
})

test('what one file sets does not reach the next', async () => {
  await databases.query(url, 'create schema audit')
  await file('1_a.js', `exports.up = (knex) => knex.raw('set search_path = audit, public')`)
  await file('2_b.js', `exports.up = (knex) => knex.raw('create table t (id int)')`)
  await expect(run()).resolves.toEqual(['1_a.js', '2_b.js'])
  const seen = await databases.query(url, `select schemaname from pg_tables where tablename = 't'`)
  expect(seen).toEqual([{ schemaname: 'public' }])
})

test('a file that is edited while the run waits for the lease is not run', async () => {
  await file('1_a.js', `exports.up = (knex) => knex.raw('create table t (id int)')`)
  let isEdited: Promise<void> | undefined
  const heartbeat = (seen: string): void => {
    if (seen === 'took the lease')
      isEdited ??= file('1_a.js', `exports.up = (knex) => knex.raw('create table u (id int)')`)
  }
  const files = await listMigrationFiles(directory)
  await run({ files, heartbeat }).catch((error: unknown) => expect(error).toMatchObject({ code: 'MIGRATION_CHANGED' }))
  await isEdited
  expect(await exists('u')).toBe(false)
  await expect(run({ files })).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' })
})

test('a link that leads out of the directory is refused, and a file can not signal the worker', async () => {
  await file(
    '1_a.js',
    `exports.up = (knex) => knex.raw('create table t as select ?::text as seen', [typeof process.kill + typeof process._debugProcess])`,
  )
  await expect(run()).resolves.toEqual(['1_a.js'])
  expect(await databases.query(url, 'select seen from t')).toEqual([{ seen: 'undefinedundefined' }])
  await symlink('/proc', join(directory, 'expand', '.p'))
  await file('2_b.js', `exports.up = () => undefined`)
  await expect(run()).rejects.toMatchObject({
    message: expect.stringContaining('leads out of its directory') as string,
  })
})

test('a stop lets the file that runs end, and begins no other', async () => {
  await file(
    '1_a.js',
    `exports.up = async (knex) => { await knex.raw('create table t (id int)'); await knex.raw('select pg_sleep(1)') }`,
  )
  await file('2_b.js', `exports.up = (knex) => knex.raw('create table u (id int)')`)
  const controller = new AbortController()
  const running = run({ stop: controller.signal })
  await until(() => said.some((seen) => seen === 'expand/1_a.js: next'))
  controller.abort(new Error('stopped'))
  await expect(running).rejects.toThrow('stopped')
  expect([await exists('t'), await exists('u')]).toEqual([true, false])
  await expect(run()).resolves.toEqual(['2_b.js'])
})

test('a session that is ended under it is tried again, and nothing is done twice', async () => {
  await file(
    '1_a.js',
    `exports.up = async (knex) => { await knex.raw('create table t (id int)'); await knex.raw('select pg_sleep(600)') }`,
  )
  const running = run()
  const looked = `select pid from pg_stat_activity where application_name = 'refit-migrations' and query like '%pg_sleep(600)%'`
  const [row] = await until(async () => {
    const rows = await databases.query<{ pid: number }>(url, looked)
    return rows.length > 0 && rows
  })
  const ended = expect(running).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', retryable: true })
  await databases.query(url, `select pg_terminate_backend(${row?.pid})`)
  await ended
  await file('1_a.js', `exports.up = (knex) => knex.raw('create table t (id int)')`)
  await expect(run()).resolves.toEqual(['1_a.js'])
})

test('a file that was edited after it was applied stops the run', async () => {
  await file('1_a.js', `exports.up = (knex) => knex.raw('create table t (id int)')`)
  await run()
  await file('1_a.js', `exports.up = (knex) => knex.raw('create table t (id bigint)')`)
  await file('2_b.js', `exports.up = (knex) => knex.raw('create table u (id bigint)')`)
  await expect(run()).rejects.toMatchObject({
    code: 'MIGRATION_CHANGED',
    message: expect.stringContaining('expand/1_a.js') as string,
  })
  expect(await exists('u')).toBe(false)
})

test('SQL files run beside knex files, in the order of their names; the way back is left alone', async () => {
  await file('1_a.sql', `create table t (id int);\ninsert into t values (1);`)
  await file('1_a.down.sql', 'drop table t;')
  await file('2_b.js', `exports.up = (knex) => knex('t').insert({ id: 2 })`)
  await file('3_c.sql', '-- no-transaction\ncreate index concurrently by_id on t (id);')
  await expect(run()).resolves.toEqual(['1_a.sql', '2_b.js', '3_c.sql'])
  expect(await databases.query(url, 'select id from t order by id')).toEqual([{ id: 1 }, { id: 2 }])
})

test('a unique index that can’t be built leaves no invalid one, and is the file’s failure', async () => {
  await databases.query(url, 'create table t as select 1 as id union all select 1')
  await file(
    '1_a.js',
    `exports.config = { transaction: false }\nexports.up = (knex) => knex.raw('create unique index concurrently one on t (id)')`,
  )
  await expect(run()).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: expect.stringContaining('could not create unique index') as string,
  })
  expect(await databases.query(url, `select 1 from pg_class where relname = 'one'`)).toEqual([])
})

test('half done it is dirty, with what is there; undone by hand it runs again', async () => {
  const text = (last: string) =>
    `exports.config = { transaction: false }\nexports.up = async (knex) => { await knex.raw('create table t (id int)'); await knex.raw(${JSON.stringify(last)}) }`
  await file('1_a.js', text('select nonsense'))
  const dirty = {
    code: 'MIGRATION_DIRTY',
    message: expect.stringMatching(/expand\/1_a\.js.*\+ table t.*nonsense/) as string,
    next: expect.stringMatching(/refit_hub_ledger_[0-9a-f]{8}_expand/) as string,
  }
  await expect(run()).rejects.toMatchObject(dirty)
  await file('1_a.js', text('select 1'))
  await expect(run()).rejects.toMatchObject({ code: 'MIGRATION_DIRTY' })
  await databases.query(url, 'drop table t')
  await expect(run()).resolves.toEqual(['1_a.js'])
})

test('a server that only reads, and one without the right to make a schema, are refused with what to do', async () => {
  await file('1_a.js', `exports.up = (knex) => knex.raw('create table t (id int)')`)
  await databases.query(
    url,
    `do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$`,
  )
  await expect(run()).rejects.toMatchObject({
    code: 'MIGRATION_REFUSED',
    next: expect.stringContaining('primary') as string,
  })
  const read = await mariadb.create()
  await mariadb.query(read, 'set global read_only = 1')
  await expect(run({ url: read })).rejects.toMatchObject({ code: 'MIGRATION_REFUSED' })
  await mariadb.query(read, 'set global read_only = 0')
  await expect(run({ url: read })).resolves.toEqual(['1_a.js'])
})

test('on MariaDB a SQL file is cut into its statements, or refused before the first', async () => {
  const here = await mariadb.create()
  await file('1_a.sql', 'create table t (id int);\ncreate index by_id on t (id);')
  await expect(run({ url: here })).resolves.toEqual(['1_a.sql'])
  await file('2_b.sql', 'create table u (id int);\nalter table `t` add column `x` int;')
  await expect(run({ url: here })).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: expect.stringContaining('can not be told apart') as string,
  })
  await file('2_b.sql', 'alter table `t` add column `x` int;')
  await expect(run({ url: here })).resolves.toEqual(['2_b.sql'])
})

test('on MariaDB knex builds, reads and writes as ever, and a lock is waited for', async () => {
  const here = await mariadb.create()
  await mariadb.query(here, 'create table t (id int primary key, at datetime)')
  await file(
    '1_a.js',
    `exports.up = async (knex) => {
       await knex.schema.alterTable('t', (t) => t.string('name'))
       const [id] = await knex('t').insert({ id: 7, name: 'x', at: new Date(0) })
       const row = await knex('t').where({ id: 7 }).first()
       if (row.name !== 'x' || !(row.at instanceof Date)) throw new Error('read ' + JSON.stringify(row))
       if ((await knex('t').update({ name: 'y' })) !== 1) throw new Error('count')
       await knex.schema.table('t', (t) => t.index(['name']))
     }`,
  )
  await expect(run({ url: here })).resolves.toEqual(['1_a.js'])
  expect(await mariadb.query(here, 'select name from t')).toEqual([{ name: 'y' }])
})
