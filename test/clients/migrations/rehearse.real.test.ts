import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Rehearsal, rehearse, type RehearseInput } from '../../../src/operations/rehearse'
import { type TestDatabases, testDatabases } from '../../support/database'

const schema = `
  create table quote (id bigint primary key);
  create table transfer (id bigint primary key, state varchar(20), amount numeric(10, 2), quote bigint);
  create index transfer_state on transfer (state);
  create unique index transfer_amount on transfer (amount);
  insert into transfer values (1, 'done', 1, 1);`

let databases: TestDatabases
let url: string
const directories: string[] = []

beforeAll(async () => {
  databases = await testDatabases()
  url = await databases.create()
}, 120_000)

afterAll(async () => {
  for (const directory of directories) rmSync(directory, { recursive: true })
  await databases.remove()
})

function directoryOf(files: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), 'refit-rehearse-'))
  directories.push(directory)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  return directory
}

const on = (files: Record<string, string>, over: Partial<RehearseInput> = {}): Promise<Rehearsal> =>
  rehearse({
    url,
    schema,
    directory: directoryOf(files),
    sizes: new Map(),
    list: 'knex_migrations',
    deadlineMs: 20_000,
    say: () => undefined,
    ...over,
  })

const knex = (body: string, config = ''): string => `exports.up = async (knex) => { ${body} }\n${config}`
const rules = ({ files }: Rehearsal): string[] =>
  files.flatMap(({ findings }) => findings.map(({ statement, rule }) => `${statement ?? 'file'} ${rule}`))

test('each statement is told with the locks that it really took', async () => {
  const rehearsal = await on({
    '1.sql': `alter table transfer add column note text;
      alter table transfer add constraint positive check (amount > 0) not valid;
      alter table transfer validate constraint positive;
      alter table transfer alter column amount type numeric(12, 3);
      create table refund (id bigint references transfer (id));`,
  })
  const [file] = rehearsal.files
  expect(file?.statements.map(({ locks }) => locks.map(({ relation, mode }) => `${mode} ${relation}`))).toEqual([
    ['AccessExclusive transfer'],
    [],
    ['ShareUpdateExclusive transfer'],
    ['Share transfer'],
    ['AccessShare transfer', 'ShareRowExclusive transfer'],
  ])
  expect(rules(rehearsal)).toEqual(['2 tightens', '3 scan-under-lock', '4 table-rewrite', '4 tightens'])
  expect(rehearsal).toMatchObject({ verdict: 'heavy', isFaithful: true })
  expect(rehearsal.schema.changes).toContain('+ column transfer.note: text |')
})

test('the safe form of the same is light, outside a transaction too', async () => {
  const rehearsal = await on({
    'expand/1.sql': `-- no-transaction
      create index concurrently if not exists by_quote on transfer (quote);
      drop index concurrently if exists transfer_state;`,
    'expand/2.js': knex('await knex.raw("create index concurrently if not exists by_q on transfer (quote)")').concat(
      'exports.config = { transaction: false }; exports.down = (knex) => knex.raw("drop index by_q")',
    ),
  })
  expect(rehearsal).toMatchObject({ verdict: 'light', answer: 'go' })
  const [sql, js] = rehearsal.files
  expect(sql?.statements.map(({ locks, outsideTransaction }) => [locks, outsideTransaction])).toEqual([
    [[{ relation: 'transfer', mode: 'ShareUpdateExclusive' }], true],
    [[{ relation: 'transfer', mode: 'ShareUpdateExclusive' }], true],
  ])
  expect([sql?.again, js?.again, js?.transaction, js?.down]).toEqual(['same', 'same', false, 'restores'])
})

test('a statement that knex would have to run alone fails before anybody is asked', async () => {
  const rehearsal = await on({
    '1.js': knex('await knex.raw("create index concurrently i on transfer (quote)")'),
    '2.sql': 'select 1',
  })
  expect(rehearsal).toMatchObject({ verdict: 'fails', answer: 'refused', notRun: ['2.sql'] })
  expect(rehearsal.files[0]?.findings.at(-1)).toMatchObject({ rule: 'run-fails', safe: /transaction: false/ })
})

test('an undo that leaves something behind, and a file that is not repeatable, are told', async () => {
  const rehearsal = await on({
    'expand/1.js': knex(
      'await knex.schema.alterTable("transfer", (t) => { t.text("a"); t.text("b") })',
      'exports.down = (knex) => knex.schema.alterTable("transfer", (t) => { t.dropColumn("a") })',
    ),
    'contract/1.sql': 'alter table transfer drop column state;',
  })
  expect(rehearsal.files.map(({ verdict, again, down }) => [verdict, again, down])).toEqual([
    ['light', 'fails', 'differs'],
    ['irreversible', 'fails', undefined],
  ])
})

test('sizes of production decide on what is heavy', async () => {
  const files = { 'expand/1.sql': 'alter table transfer alter column amount type numeric(12, 3)' }
  const small = await on(files, { sizes: new Map([['transfer', 5]]) })
  const huge = await on(files, { sizes: new Map([['transfer', 20_000_000]]) })
  const rewrite = (rehearsal: Rehearsal) => rehearsal.files[0]?.findings.find(({ rule }) => rule === 'table-rewrite')
  expect([rewrite(small)?.answer, rewrite(huge)?.answer]).toEqual(['go', 'refused'])
  expect(small.digest).not.toBe(huge.digest)
})

test('an interrupted rehearsal stops what runs', async () => {
  const stop = new AbortController()
  const interrupted = expect(on({ '1.sql': 'select pg_sleep(1000)' }, { signal: stop.signal })).rejects.toMatchObject({
    code: 'WAIT_EXPIRED',
  })
  const sleeping = () => databases.query(url, `select from pg_stat_activity where query ~ '^select pg_sleep'`)
  while ((await sleeping()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  stop.abort()
  await interrupted
  expect(await sleeping()).toEqual([])
})

test('the same rehearsal has the same digest', async () => {
  const files = { '1.js': knex('await knex("quote").del()') }
  const [first, again] = [await on(files), await on(files)]
  expect(again.digest).toBe(first.digest)
})

test('a database with tables is only rehearsed on where that is said; what its list names is left out', async () => {
  const restored = await databases.create()
  await databases.query(
    restored,
    `${schema} create table knex_migrations (name text); insert into knex_migrations values ('1.sql')`,
  )
  const files = { '1.sql': 'this is no SQL', '2.sql': 'alter table transfer add column note text' }
  await expect(on(files, { url: restored, schema: undefined })).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(/has 3 tables/),
  })
  const rehearsal = await on(files, { url: restored, schema: undefined, useExisting: true })
  expect(rehearsal).toMatchObject({ verdict: 'light', applied: ['1.sql'] })
  const [row] = await databases.query<{ n: number }>(
    restored,
    `select count(*)::int as n from information_schema.columns where column_name = 'note'`,
  )
  expect(row?.n).toBe(0)
})

test('no copy is left behind', async () => {
  const left = await databases.query(url, `select datname from pg_database where datname like 'refit_rehearsal%'`)
  expect(left).toEqual([])
})
