import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { Client as Pg } from 'pg'
import { dataLeft } from '../../src/activities/data-open'
import { listMigrationFiles } from '../../src/clients/knex-migrations'
import { addSearchAttributes } from '../../src/clients/temporal'
import type { Plan } from '../../src/domain/plan'
import { dataWorkflowId } from '../../src/domain/temporal-names'
import { dataDetail, startData } from '../../src/operations/data'
import { voteData } from '../../src/operations/data-vote'
import { hubTemporal } from '../../src/operations/temporal'
import { createStore } from '../../src/store'
import type { Store } from '../../src/store/contracts'
import { down, type Stack, up } from '../../stack'
import { planOf } from '../domain/fixtures'
import { until } from '../support/backfill'

const rows = 20_000
const name = `test-data-${process.pid}-${randomBytes(2).toString('hex')}`
const key = { namespace: 'hub', service: 'ledger' }
const workers = new Set<ChildProcess>()
let stack: Stack
let store: Store
let ledger: string
let directory: string
let connection: Connection

beforeAll(async () => {
  const progress = () => undefined
  stack = await up({ name, node: 'simulated', parts: ['temporal', 'postgres'], yes: true, owner: 'npm test', progress })
  await Promise.all(['refit', 'ledger'].map((each) => stack.postgres.createDatabase(each)))
  store = createStore(stack.postgres.url('refit'))
  await store.migrate()
  ledger = stack.postgres.url('ledger')
  directory = await migrationsIn(await mkdtemp(join(tmpdir(), 'refit-data-')))
  connection = await Connection.connect({ address: stack.temporal.address })
  await addSearchAttributes(new Client({ connection }))
  // Each change of a row is counted, so that one that is done twice shows.
  await query(`create table transfer (id int primary key, quote_id text, changed int not null default 0);
    create function count_change() returns trigger language plpgsql as $$
      begin new.changed := old.changed + 1; return new; end $$;
    create trigger counted before update on transfer for each row execute function count_change();
    insert into transfer (id) select generate_series(1, ${rows}); analyze transfer`)
})

afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL')
  await connection?.close()
  await store?.close()
  await rm(directory, { recursive: true, force: true })
  await down(name, { purge: true, progress: () => undefined })
})

/** A backfill that takes some twenty seconds, and a contract that can be met while it is under way. */
async function migrationsIn(folder: string): Promise<string> {
  await Promise.all(['backfill', 'contract'].map((each) => mkdir(join(folder, each))))
  await writeFile(
    join(folder, 'backfill', '001_quote-id.yaml'),
    `backfill:
  table: transfer
  key: [id]
  set: { quote_id: "(select 'q-' || id from pg_sleep(0.001 + id * 0))" }
  where: quote_id is null
`,
  )
  await writeFile(
    join(folder, 'contract', '002_not-null.js'),
    `exports.up = async (knex) => {
  await knex.raw('select pg_sleep(2)')
  await knex.raw('alter table transfer alter column quote_id set not null')
}
exports.down = () => Promise.reject(new Error('final'))
`,
  )
  return folder
}

async function query<Row>(sql: string): Promise<Row[]> {
  const client = new Pg({ connectionString: ledger })
  await client.connect()
  try {
    return (await client.query(sql)).rows as Row[]
  } finally {
    await client.end()
  }
}

const filled = async (): Promise<number> =>
  Number((await query<{ count: string }>('select count(*) from transfer where quote_id is not null'))[0]?.count)

/** Comes back once it polls. */
async function startWorker(): Promise<ChildProcess> {
  const program = join(__dirname, '../support/data-worker.ts')
  const args = ['--import', 'tsx', program, stack.postgres.url('refit'), stack.temporal.address]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, LEDGER_URL: ledger },
  })
  workers.add(child)
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await ended
}

/** As `upgrade` leaves it behind when it has succeeded. */
async function succeededUpgrade(): Promise<{ upgradeId: string; planHash: string }> {
  const plan: Plan = {
    ...planOf(),
    migrations: [
      {
        ...{ kind: 'knex', directory, database: 'LEDGER_URL', files: await listMigrationFiles(directory) },
        contract: { approval: { required: 1, groups: [], expiresMs: 3_600_000 }, users: [] },
      },
    ],
  }
  const planHash = await store.plans.save(plan)
  const { id: upgradeId } = await store.upgrades.open(plan, planHash)
  const end = { key: 'ended', phase: 'bake', kind: 'ended', outcome: 'succeeded', message: 'runs' } as const
  await store.upgrades.record({ upgradeId, ...end })
  return { upgradeId, planHash }
}

test('20,000 rows: paused, resumed, killed half way and in contract, contracted after an approval, each row changed once', async () => {
  const { upgradeId, planHash } = await succeededUpgrade()
  const temporal = hubTemporal(new Client({ connection }))
  const deps = { store, temporal }
  const say = (verb: 'pause' | 'resume' | 'approve') =>
    voteData(deps, verb, { key, by: 'ana', planHash, reason: 'by hand' })
  const latest = () => store.data.latest(key)
  expect(await dataLeft({ store })({ upgradeId, planHash })).toEqual({ start: true })

  const first = await startWorker()
  await startData(deps, key, { by: 'ana', verified: false })
  await until(async () => (await filled()) > 0)
  await say('pause')
  await until(async () => (await latest())?.waitingFor.startsWith('a resume') ?? false)
  const stopped = await filled()
  expect(stopped).toBeLessThan(rows)
  const { progress, next } = await dataDetail({ store, environment: { LEDGER_URL: ledger } }, key)
  expect(progress).toMatchObject([{ state: 'stopped', changed: stopped, pass: 1 }])
  expect(next).toBe('refit data resume hub/ledger')

  await say('resume')
  await until(async () => (await filled()) > stopped)
  await kill(first)
  const atKill = await filled()
  expect(atKill).toBeLessThan(rows)
  const second = await startWorker()
  await until(async () => (await latest())?.phase === 'approval')
  expect(
    await query('select count(*)::int as count, max(changed) as most, min(changed) as least from transfer'),
  ).toEqual([{ count: rows, most: 1, least: 1 }])

  await expect(voteData(deps, 'approve', { key, by: 'ana', planHash: 'ffffffffffff' })).rejects.toMatchObject({
    code: 'PLAN_CHANGED',
  })
  await say('approve')
  await until(async () => {
    const sleeping = await query(
      `select 1 from pg_stat_activity where query like 'select pg_sleep(2)%' and state = 'active'`,
    )
    return sleeping.length > 0
  })
  await kill(second)
  const third = await startWorker()
  await until(async () => (await latest())?.outcome === 'succeeded')

  expect(await query(`select attnotnull from pg_attribute where attname = 'quote_id'`)).toEqual([{ attnotnull: true }])
  const events = await store.upgrades.events(upgradeId)
  expect(events.find(({ kind }) => kind === 'approved')).toMatchObject({
    phase: 'approval',
    by: 'ana',
    verified: false,
  })
  expect(events.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['data-started', 'paused', 'resumed', 'backfill', 'approved', 'contract', 'data-ended']),
  )
  expect(events.filter(({ kind }) => kind === 'contract')).toHaveLength(1)
  expect(await dataLeft({ store })({ upgradeId, planHash })).toEqual({ start: false })
  await expect(startData(deps, key, { by: 'ana', verified: false })).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' })
  const result: unknown = await new Client({ connection }).workflow.getHandle(dataWorkflowId('hub', 'ledger')).result()
  expect(result).toMatchObject({ outcome: 'succeeded' })
  await kill(third)
})
