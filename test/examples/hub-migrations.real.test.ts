import { join } from 'node:path'
import { Client } from 'pg'
import { runBackfill } from '../../src/clients/backfill-run'
import { listMigrationFiles, runMigrations } from '../../src/clients/knex-migrations'
import { readBackfillFile } from '../../src/config/backfill-file'
import type { MigrationFile } from '../../src/domain/plan'
import type { Stack } from '../../stack'
import { post, Programs, testStack, until } from './support'

jest.setTimeout(120_000)

let stack: Stack
let remove: () => Promise<void>
let programs: Programs
let database: Client
let url: string
let databases = 0

beforeAll(async () => {
  ;({ stack, remove } = await testStack(['postgres']))
})
afterAll(() => remove())

beforeEach(async () => {
  const name = `hub_migrations_${++databases}`
  await stack.postgres.createDatabase(name)
  url = stack.postgres.url(name)
  programs = new Programs(url)
  database = new Client({ connectionString: url })
  await database.connect()
})
afterEach(async () => {
  await programs.close()
  await database.end()
})

const migrate = (release: string, ...flags: string[]) => programs.run(release, ['migrate', ...flags])

const oldTransfers = (count: number) =>
  database.query(
    `insert into transfer ("transferId", payer, payee, amount) select 'old-' || n, 'a', 'b', n from generate_series(1, $1) n`,
    [count],
  )

test('an older image on a newer schema can’t migrate, but its application runs', async () => {
  expect((await migrate('ledger:v1.1.0')).code).toBe(0)
  const refused = await migrate('ledger:v1.0.1', '--in-pod')
  expect(refused.code).toBe(1)
  expect(refused.output).toContain(
    'The migration directory is corrupt, the following files are missing: 20260201000000_transfer_quoteId.js',
  )

  const old = await programs.start('ledger:v1.0.1', ['api'])
  await programs.start('ledger:v1.0.1', ['consumer'])
  expect((await post(`${old.url}/transfers`, { transferId: 't', payer: 'a', payee: 'b', amount: 5 })).status).toBe(202)
  await until(async () => (await database.query('select from "ledgerEntry"')).rowCount === 2, 'the posting')
  const { status } = await fetch(`${old.url}/health`)
  expect(status).toBe(200)
})

test('four pods that migrate at the same time all succeed, and a second run has nothing to do', async () => {
  const runs = await Promise.all(Array.from({ length: 4 }, () => migrate('ledger:v1.1.0', '--in-pod')))
  expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0])
  expect(runs.filter(({ output }) => output.includes('"migrated"'))).toHaveLength(1)
})

test('in-pod migration can be switched off; a Job migrates all the same', async () => {
  const off = { LEDGER_MIGRATIONS_DISABLED: 'true' }
  const inPod = await programs.run('ledger:v1.0.0', ['migrate', '--in-pod'], off)
  expect(inPod).toMatchObject({ code: 0, output: expect.stringContaining('disabled') })
  expect((await database.query(`select from pg_tables where tablename = 'transfer'`)).rowCount).toBe(0)
  await programs.run('ledger:v1.0.0', ['migrate'], off)
  expect((await database.query(`select from pg_tables where tablename = 'transfer'`)).rowCount).toBe(1)
})

test('v1.1.4 migrates an empty database, and fails where there is data, which stays as it was', async () => {
  expect((await migrate('ledger:v1.1.4')).code).toBe(0)
  await database.query('drop schema public cascade; create schema public')
  await migrate('ledger:v1.1.0')
  await oldTransfers(1)
  const failed = await migrate('ledger:v1.1.4')
  expect(failed.code).toBe(1)
  expect(failed.output).toContain('contains null values')
  expect((await migrate('ledger:v1.1.0')).code).toBe(0)
})

test('v1.1.5 stops readers of the table for as long as it takes', async () => {
  await migrate('ledger:v1.1.3')
  await oldTransfers(5_000)
  const migration = migrate('ledger:v1.1.5')
  const locked = `select from pg_locks where relation = 'transfer'::regclass and mode = 'AccessExclusiveLock' and granted`
  await until(async () => (await database.query(locked)).rowCount === 1, 'the lock')
  await database.query(`set lock_timeout = '100ms'`)
  await expect(database.query('select from transfer limit 1')).rejects.toThrow('lock timeout')
  expect((await migration).code).toBe(0)
})

test('expand, backfill and contract for v1.2.0 keep old code running until the contract', async () => {
  await migrate('ledger:v1.1.0')
  await oldTransfers(2_500)
  const missing = 'select from transfer where "quoteId" is null'
  expect(await runPhase('expand')).toEqual(['20260301000000_transfer_quoteId_index.js'])
  const old = await programs.start('ledger:v1.1.0', ['api'])
  const young = await programs.start('ledger:v1.2.0', ['api'])
  const pay = (url: string, transferId: string) =>
    post(`${url}/transfers`, { transferId, payer: 'a', payee: 'b', amount: 1 })
  expect((await pay(old.url, 'by-old')).status).toBe(202)
  expect((await pay(young.url, 'by-young')).status).toBe(202)
  expect((await database.query(missing)).rowCount).toBe(2_501)

  expect(await backfill()).toMatchObject({ outcome: 'done', progress: { changed: 2_501 } })
  expect((await database.query(missing)).rowCount).toBe(0)
  await runPhase('contract')
  expect((await pay(young.url, 'after')).status).toBe(202)
  expect((await pay(old.url, 'too-late')).status).toBe(500)
  expect((await migrate('ledger:v1.2.0', '--in-pod')).code).toBe(0)
})

const directory = join(__dirname, '../../examples/hub/migrations/ledger')
const backfill = async () =>
  runBackfill({
    url,
    backfill: await readBackfillFile(directory, '20260302000000_transfer_quoteId.yaml'),
    owner: 'a test',
  })

/** As Refit runs them. */
async function runPhase(phase: MigrationFile['phase']): Promise<string[]> {
  const files = (await listMigrationFiles(directory)).filter((file) => file.phase === phase)
  const { applied } = await runMigrations({
    url,
    directory,
    phase,
    files,
    list: 'hub_ledger',
    heartbeat: () => undefined,
  })
  return applied
}
