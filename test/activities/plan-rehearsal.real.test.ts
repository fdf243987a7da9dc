import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { contractRefusal } from '../../src/activities/contract-rows'
import { plan as planActivity } from '../../src/activities/plan'
import { preflight } from '../../src/activities/preflight'
import { readProduction } from '../../src/clients/migrations/production'
import { listName } from '../../src/clients/migrations/run-book'
import { explainPlan } from '../../src/domain/explain-plan'
import type { Policy } from '../../src/domain/policy'
import type { PlannedMigration } from '../../src/domain/plan'
import type { Store } from '../../src/store/contracts'
import { digest, policy } from '../domain/fixtures'
import { type TestDatabases, testDatabases } from '../support/database'
import { run, world } from './support'

const schema = `
  create table quote (id bigint primary key);
  create table transfer (id bigint primary key, state varchar(20), amount numeric(10, 2), quote bigint);`
const rows = `
  insert into quote values (1);
  insert into transfer values (1, 'done', 1, 1), (2, 'done', 2, null), (3, null, 2, 7);
  analyze;`

let databases: TestDatabases
let store: Store
let production: string
let copy: string
let root: string

beforeAll(async () => {
  databases = await testDatabases()
  store = (await databases.store()).store
  root = mkdtempSync(join(tmpdir(), 'refit-plan-'))
})
afterAll(async () => {
  rmSync(root, { recursive: true })
  await databases.remove()
})
beforeEach(async () => {
  ;[production, copy] = await Promise.all([databases.create(), databases.create()])
  for (const url of [production, copy]) await databases.query(url, schema)
  await databases.query(production, rows)
})

type Knex = Extract<PlannedMigration, { kind: 'knex' }>

/** A service with these files, on fake registry and cluster, over the real store and databases. */
function hub(files: Record<string, string>, more: { knex?: object; policy?: Partial<Policy> } = {}) {
  const directory = mkdtempSync(join(root, 'files-'))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  for (const [path, text] of Object.entries(files)) write(path, text)
  const source = {
    kind: 'knex' as const,
    directory,
    database: 'LEDGER_URL',
    rehearse: { copy: 'COPY_URL' },
    ...more.knex,
  }
  const fake = world()
  let saves = 0
  const save = (key: string, kept: Parameters<Store['rehearsals']['save']>[1]) => {
    saves += 1
    return store.rehearsals.save(key, kept)
  }
  const deps = {
    ...fake.deps,
    config: { ...fake.deps.config, policies: [policy({ migrations: [source], ...more.policy })] },
    store: {
      ...fake.deps.store,
      plans: {
        save: (made: never) => store.plans.save(made),
        read: (hash: string) => store.plans.read(hash),
      },
      upgrades: {
        ...fake.deps.store.upgrades,
        open: () => Promise.resolve({ id: 'abcdef123456-1' }),
        rejectedDigest: () => Promise.resolve(undefined),
      },
      quarantine: { list: () => Promise.resolve([]) },
      data: { listOpen: () => Promise.resolve([]) },
      rehearsals: {
        read: (key: string) => store.rehearsals.read(key),
        save,
      },
    } as unknown as Store,
    environment: { LEDGER_URL: production, COPY_URL: copy } as Record<string, string | undefined>,
  }
  const candidate = { tag: 'v1.0.1', digest: digest('b') }
  return {
    deps,
    write,
    /** how often it was really rehearsed */
    saves: () => saves,
    make: () => run(planActivity(deps), { namespace: 'hub', service: 'ledger', candidate }),
    async planned() {
      const made = await this.make()
      if (made.kind !== 'planned') throw new Error(made.reason)
      const stored = await store.plans.read(made.plan.planHash)
      return { hash: made.plan.planHash, plan: stored, migration: stored.migrations[0] as Knex }
    },
    async refused() {
      const made = await this.make()
      if (made.kind === 'planned') throw new Error('it was planned')
      return made.reason
    },
    preflight: (planHash: string) => run(preflight(deps), { upgradeId: `${planHash}-1`, planHash }),
  }
}

const file = (body: string, rest = ''): string => `exports.up = async (knex) => { ${body} }\n${rest}`
const sql = (text: string) => file(`await knex.raw(${JSON.stringify(text)})`)
const column = sql('alter table transfer add column currency text')
const copies = () => databases.query(production, `select from pg_database where datname like 'refit_rehearsal_%'`)
const window = { cron: '0 2 * * *', durationMs: 3_600_000, timeZone: 'Africa/Nairobi' }
const ask = { contract: { approval: { required: 1, groups: [], expiresMs: 3_600_000 }, users: [] } }

test('a plan says what its files did on a copy; nothing is left of the copies, and it is not rehearsed twice', async () => {
  const files = { 'expand/001_a.js': column, 'contract/002_b.js': sql('alter table transfer drop column state') }
  const service = hub(files, { knex: ask })
  const { plan, hash, migration } = await service.planned()
  expect(migration.rehearsal).toMatchObject({
    verdict: 'irreversible',
    answer: 'needs-window',
    files: [
      { path: 'expand/001_a.js', verdict: 'light', answer: 'go', transaction: true },
      { path: 'contract/002_b.js', verdict: 'irreversible', answer: 'needs-window' },
    ],
  })
  const [first, second] = migration.rehearsal?.files ?? []
  expect(first?.before).toBe((await readProduction(production, 'x')).schema.sha256)
  expect(first?.after).toBe(second?.before)
  expect(explainPlan(plan, hash)).toEqual(
    expect.arrayContaining([
      '  rehearsed expand/001_a.js: light, may go',
      expect.stringContaining('what column transfer.state holds is gone'),
    ]),
  )
  expect(await copies()).toEqual([])

  expect((await service.planned()).hash).toBe(hash)
  await expect(service.preflight(hash)).resolves.toEqual({ kind: 'ok' })
  expect(service.saves()).toBe(1)
  // What was kept is lost: the same comes out again.
  service.deps.store.rehearsals.read = () => Promise.resolve(undefined)
  expect((await service.planned()).hash).toBe(hash)
})

test('a file that was edited is another plan, and voids the approved one before the first write', async () => {
  const service = hub({ 'expand/001_a.js': column })
  const { hash } = await service.planned()
  service.write('expand/001_a.js', sql('alter table transfer add column rate text'))
  await expect(service.preflight(hash)).resolves.toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('the migrations changed since'),
  })
  expect((await service.planned()).hash).not.toBe(hash)
})

test('files that the database has applied are not rehearsed again', async () => {
  const service = hub({ 'expand/001_a.js': sql('create table transfer (id int)'), 'expand/002_b.js': column })
  const list = listName('hub_ledger', 'expand')
  await databases.query(
    production,
    `create table ${list} (id serial, name text); insert into ${list} (name) values ('001_a.js')`,
  )
  const { migration } = await service.planned()
  expect(migration.rehearsal?.files.map(({ path }) => path)).toEqual(['expand/002_b.js'])
  await databases.query(production, `insert into ${list} (name) values ('002_b.js')`)
  const { migration: done, plan, hash } = await service.planned()
  expect(done.rehearsal).toMatchObject({ verdict: 'light', answer: 'go', files: [] })
  expect(explainPlan(plan, hash)).toContain('  rehearsed: the database has applied every file already')
})

test('a copy that lacks only what Refit has applied since is caught up for the rehearsal, and stays as it is', async () => {
  const older = 'alter table transfer add column older text'
  const service = hub({
    'expand/001_a.js': sql(older),
    'expand/002_b.js': column,
    'expand/003_c.js': sql('alter table transfer add rate text'),
  })
  const list = listName('hub_ledger', 'expand')
  await databases.query(copy, older)
  await databases.query(
    production,
    `${older}; alter table transfer add column currency text;
     create table ${list} (id serial, name text, migration_time timestamptz);
     insert into ${list} (name, migration_time) values ('001_a.js', '2026-01-01'), ('002_b.js', '2026-02-01')`,
  )
  const { migration } = await service.planned()
  expect(migration.rehearsal?.files.map(({ path }) => path)).toEqual(['expand/003_c.js'])
  const names = await databases.query(copy, `select from pg_attribute where attname in ('currency', 'rate')`)
  expect([names, await copies()]).toEqual([[], []])
  await databases.query(production, 'alter table quote add column by_hand text')
  expect(await service.refused()).toContain('+ column quote.by_hand')
})

test('a copy that has fallen behind stops nobody when nothing is to be rehearsed', async () => {
  const service = hub({ 'expand/001_a.js': column })
  await databases.query(
    production,
    `alter table transfer add column currency text; create table ${listName('hub_ledger', 'expand')} (id serial, name text);
     insert into ${listName('hub_ledger', 'expand')} (name) values ('001_a.js')`,
  )
  Object.assign(service.deps.environment, { COPY_URL: undefined })
  expect((await service.planned()).migration.rehearsal?.files).toEqual([])
})

test.each([
  ['NOT NULL', 'alter table transfer alter column state set not null', '1 row of transfer has no value in state'],
  [
    'a foreign key',
    'alter table transfer add constraint k foreign key (quote) references quote (id)',
    '1 row of transfer breaks k (quote)',
  ],
  ['UNIQUE', 'alter table transfer add constraint u unique (amount)', '1 row of transfer breaks u (amount)'],
  ['a unique index', 'create unique index i on transfer (lower(state))', '1 row of transfer breaks i'],
  ['CHECK', 'alter table transfer add constraint c check (amount < 2)', '2 rows of transfer break c (amount)'],
  [
    'a narrower type',
    'alter table transfer alter column state type varchar(3)',
    '2 rows of transfer have a value in state that does not fit its new type',
  ],
])('%s on rows that break it is refused with their number, also where it was overridden', async (_, text, words) => {
  const service = hub({ 'expand/001_a.js': sql(text) }, { knex: { overrides: ['expand/001_a.js'] } })
  expect(await service.refused()).toContain(`expand/001_a.js would fail: ${words}. Correct these rows`)
})

test('rows that break a rule only since the plan was approved are found before the first write', async () => {
  await databases.query(production, `update transfer set state = 'done' where state is null`)
  const service = hub(
    { 'expand/001_a.js': sql('alter table transfer alter column state set not null') },
    { knex: { overrides: ['expand/001_a.js'] } },
  )
  const { hash } = await service.planned()
  await databases.query(production, `insert into transfer values (4, null, 1, 1)`)
  await expect(service.preflight(hash)).resolves.toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('1 row of transfer has no value in state'),
  })
})

test('what contract requires is not counted yet: the backfill comes first', async () => {
  const files = { 'contract/001_a.js': sql('alter table transfer alter column state set not null') }
  const { migration } = await hub(files, { knex: ask }).planned()
  expect(migration.rehearsal?.files).toMatchObject([
    { tightens: [{ kind: 'not-null', table: 'transfer', name: 'state', columns: ['state'] }] },
  ])
})

test('what contract requires is counted before it runs, but for files that are applied', async () => {
  const files = { 'contract/001_a.js': sql('alter table transfer alter column state set not null') }
  const service = hub(files, { knex: ask })
  const { plan, migration } = await service.planned()
  const refusal = () => contractRefusal(service.deps, plan, migration)
  expect(await refusal()).toMatch(/^contract\/001_a.js would fail: 1 row of transfer has no value in state. Correct/)
  expect(await contractRefusal(service.deps, plan, { ...migration, rehearsal: undefined })).toBeUndefined()
  const list = listName('hub_ledger', 'contract')
  await databases.query(production, `create table ${list} (id serial, name text)`)
  await databases.query(production, `insert into ${list} (name) values ('001_a.js')`)
  expect(await refusal()).toBeUndefined()
  await databases.query(production, `delete from ${list}; update transfer set state = 'done' where state is null`)
  expect(await refusal()).toBeUndefined()
})

test('a copy with another schema is refused, unless a person takes that upon them', async () => {
  await databases.query(copy, 'alter table transfer drop column amount')
  const service = hub({ 'expand/001_a.js': column })
  expect(await service.refused()).toMatch(
    /the copy \(COPY_URL\) has another schema than production \(LEDGER_URL\), in 1 place: \+ column transfer.amount: numeric/,
  )
  const { migration } = await hub({ 'expand/001_a.js': column }, { knex: { overrides: ['copy-differs'] } }).planned()
  expect(migration.rehearsal?.answer).toBe('go')
})

test('a schema of production that changed after the approval is refused before the first write', async () => {
  const service = hub({ 'expand/001_a.js': column })
  const { hash } = await service.planned()
  await databases.query(production, 'alter table quote add column by_hand text')
  await expect(service.preflight(hash)).resolves.toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('+ column quote.by_hand'),
  })
})

test.each([
  ['production itself', () => ({ COPY_URL: production }), /the copy \(COPY_URL\) is production itself/],
  [
    'away',
    () => ({ COPY_URL: 'postgres://u:hunter2@127.0.0.1:1/x' }),
    /can't be reached \(ECONNREFUSED\). The next scan tries again/,
  ],
  ['not named', () => ({ COPY_URL: undefined }), /variable COPY_URL is empty/],
  ['behind TLS', () => ({ COPY_URL: 'postgres://u:hunter2@127.0.0.1/x?sslmode=require' }), /COPY_URL asks for TLS/],
  ['no PostgreSQL', () => ({ COPY_URL: 'http://u:hunter2@127.0.0.1' }), /COPY_URL is no URL of PostgreSQL/],
])('a copy that is %s is refused without its password', async (_, env, reason) => {
  const service = hub({ 'expand/001_a.js': column })
  Object.assign(service.deps.environment, env())
  const said = await service.refused()
  expect(said).toMatch(reason)
  expect(said).not.toContain('hunter2')
})

test('a heavy file needs a window in the policy, by the size of the table in production', async () => {
  const heavy = { 'expand/001_a.js': sql('create index on transfer (state)') }
  const { migration } = await hub(heavy).planned()
  expect(migration.rehearsal).toMatchObject({ verdict: 'heavy', answer: 'go' })
  await databases.query(production, `insert into transfer select n from generate_series(10, 20000) n; analyze`)
  expect(await hub(heavy).refused()).toMatch(
    /wants a window for this, and the policy has none: expand\/001_a.js: reads all of transfer/,
  )
  const inWindow = await hub(heavy, { policy: { windows: [window] } }).planned()
  expect(inWindow.migration.rehearsal?.answer).toBe('needs-window')
  expect(explainPlan(inWindow.plan, inWindow.hash)).toContain('  rehearsed expand/001_a.js: heavy, needs a window')
})

test('what needs an override is refused until the file is named, and what can never go stays refused', async () => {
  const deletes = { 'expand/001_a.js': sql('delete from quote') }
  expect(await hub(deletes).refused()).toMatch(/wants a person to take this upon them.*overrides: \[expand\/001_a.js\]/)
  const { plan, hash } = await hub(deletes, { knex: { overrides: ['expand/001_a.js'] } }).planned()
  expect(explainPlan(plan, hash)).toContain(
    '  rehearsed expand/001_a.js: irreversible, needs an override, overridden in refit.yaml',
  )
  const drops = { 'expand/001_a.js': sql('alter table transfer drop column state') }
  expect(await hub(drops, { knex: { overrides: ['expand/001_a.js'] } }).refused()).toMatch(/the rehearsal refuses it/)
  const fails = { 'expand/001_a.js': file('process.exit(0)') }
  expect(await hub(fails).refused()).toMatch(/ended with exit code 0 before the migration had ended/)
})

test('files that nobody rehearsed are said so, and never run without anybody being asked', async () => {
  const unrehearsed = { knex: { rehearse: undefined } }
  const { plan, hash } = await hub({ 'expand/001_a.js': column }, unrehearsed).planned()
  expect(explainPlan(plan, hash)).toContain('  not rehearsed: nobody has seen what these files do to the database')
  const automatic: Partial<Policy> = { mode: 'automatic', approval: { ...policy().approval, required: 0 } }
  expect(await hub({ 'expand/001_a.js': column }, { ...unrehearsed, policy: automatic }).refused()).toMatch(
    /are not rehearsed, and nobody is asked before they run. Write rehearse/,
  )
  await hub({ 'expand/001_a.js': column }, { policy: automatic }).planned()
})

test('a risky start waits for a proven backup; a harmless one does not', async () => {
  const backup = { maxAgeMs: 86_400_000, check: { file: join(root, 'none') } }
  const harmless = hub({ 'expand/001_a.js': column }, { knex: { backup } })
  await expect(harmless.preflight((await harmless.planned()).hash)).resolves.toEqual({ kind: 'ok' })
  const risky = hub(
    { 'expand/001_a.js': sql('delete from quote') },
    { knex: { backup, overrides: ['expand/001_a.js'] } },
  )
  const { hash } = await risky.planned()
  await expect(risky.preflight(hash)).resolves.toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('the file that proves a backup is not there. Make a backup'),
  })
  writeFileSync(backup.check.file, '')
  await expect(risky.preflight(hash)).resolves.toEqual({ kind: 'ok' })
})
