import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '../../src/activities/migrate'
import { runKnexPhase } from '../../src/activities/run-knex-phase'
import { listMigrationFiles } from '../../src/clients/knex-migrations'
import type { Plan } from '../../src/domain/plan'
import { planOf, policy } from '../domain/fixtures'
import { type TestDatabases, testDatabases } from '../support/database'
import { key, run, world } from './support'

let databases: TestDatabases
let url: string
beforeAll(async () => void (databases = await testDatabases()), 60_000)
afterAll(() => databases?.remove())
beforeEach(async () => void (url = await databases.create()))

const job = { kind: 'job' as const, command: ['npm', 'run', 'migrate'], deadlineMs: 60_000, database: 'HUB_URL' }
const base = planOf({ policy: policy({ migrations: [job] }) })
const plan: Plan = {
  ...base,
  migrations: base.migrations.map((each) => (each.kind === 'job' ? { ...each, pending: ['1_a.js', '2_b.js'] } : each)),
}
const first = { ...key, index: 0 }

async function list(names: string[], locked = 0): Promise<void> {
  await databases.query(
    url,
    `create table knex_migrations (id serial primary key, name varchar(255), batch int, migration_time timestamptz)`,
  )
  await databases.query(url, `create table knex_migrations_lock (index serial primary key, is_locked int)`)
  await databases.query(url, `insert into knex_migrations_lock (is_locked) values (${locked})`)
  for (const name of names) await databases.query(url, `insert into knex_migrations (name) values ('${name}')`)
}

test.each([
  ['all that was pending is applied', ['1_a.js', '2_b.js'], 'healthy', 'npm run migrate succeeded'],
  ['one is missing', ['1_a.js'], 'failed', '2_b.js is not in knex_migrations'],
  ['none is there', [], 'failed', '1_a.js and 2_b.js are not in knex_migrations'],
])('a Job that ended with 0 is compared with the list: %s', async (_name, names, kind, sentence) => {
  await list(names)
  const { deps } = world({ plan })
  deps.environment = { HUB_URL: url }
  await expect(run(migrate(deps), first)).resolves.toMatchObject({
    kind,
    sentence: expect.stringContaining(sentence) as string,
  })
})

test('a list that can’t be read keeps the Job for the next attempt', async () => {
  const { deps, calls } = world({ plan })
  deps.environment = { HUB_URL: 'postgres://stack@127.0.0.1:9/none' }
  await expect(run(migrate(deps), first)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', retryable: true })
  expect(calls).not.toContain('delete job')
})

test('a lock that a failed Job left behind is told', async () => {
  await list(['1_a.js'], 1)
  const { deps } = world({ plan, job: { kind: 'failed', reason: 'exit code 137' } })
  deps.environment = { HUB_URL: url }
  await expect(run(migrate(deps), first)).resolves.toMatchObject({
    kind: 'failed',
    sentence: expect.stringContaining('knex migrate:unlock') as string,
  })
})

test('a file that is half done is nobody’s verdict: held, not put back', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'refit-dirty-'))
  await mkdir(join(directory, 'expand'))
  await writeFile(
    join(directory, 'expand', '1_a.js'),
    `exports.config = { transaction: false }
     exports.up = async (knex) => { await knex.raw('create table t (id int)'); throw new Error('no') }`,
  )
  const { deps } = world()
  deps.environment = { HUB_URL: url }
  const migration = {
    kind: 'knex' as const,
    directory,
    database: 'HUB_URL',
    files: await listMigrationFiles(directory),
  }
  await expect(run(() => runKnexPhase(deps, plan, migration, 'expand'))).resolves.toMatchObject({
    kind: 'unknown',
    reason: 'migration-dirty',
    sentence: expect.stringMatching(/expand\/1_a\.js.*\+ table t/) as string,
  })
  await rm(directory, { recursive: true })
})
