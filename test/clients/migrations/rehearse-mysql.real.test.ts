import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { rehearseMysql } from '../../../src/clients/migrations/rehearse-mysql'
import { testMariaDb, type TestMariaDb } from '../../support/mariadb'

let server: TestMariaDb
let url: string
let directory: string
beforeAll(async () => void (server = await testMariaDb()), 120_000)
beforeEach(async () => {
  url = await server.create()
  for (const sql of schema) await server.query(url, sql)
  directory = mkdtempSync(join(tmpdir(), 'refit-rehearse-mysql-'))
})
afterEach(() => rmSync(directory, { recursive: true }))
afterAll(() => server.remove())

const schema = [
  `create table participant (id bigint unsigned auto_increment primary key, name varchar(30) not null, unique key (name))`,
  `create table transfer (id bigint unsigned auto_increment primary key, amount decimal(18,4) not null, state varchar(20),
     payer bigint unsigned, double_amount decimal(18,4) as (amount * 2) virtual,
     constraint payer_fk foreign key (payer) references participant (id))`,
  `create view a_large as select * from b_all`.replace('b_all', 'transfer'),
  `create trigger positive before insert on transfer for each row set new.amount = abs(new.amount)`,
  `insert into participant (name) values ('ana'), ('ben')`,
  `insert into transfer (amount, payer) values (1, 1), (2, 2)`,
]

const up = (body: string, down = ''): string =>
  `exports.up = async (knex) => { ${body} }\n${down && `exports.down = async (knex) => { ${down} }`}`

const rehearsed = async (
  files: Record<string, string>,
  more: { sizes?: [string, number][]; deadlineMs?: number } = {},
) => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  return rehearseMysql({
    ...{ url, directory, useExisting: true, list: 'knex_migrations', deadlineMs: more.deadlineMs ?? 20_000 },
    ...{ sizes: new Map(more.sizes ?? []), say: () => undefined },
  })
}
const one = async (text: string, name = 'expand/001_a.js') => (await rehearsed({ [name]: text })).files[0]
type File = Awaited<ReturnType<typeof one>>
const told = (file: File) => file?.findings.map(({ rule, answer }) => `${rule}: ${answer}`)

test.each<[string, string, string[]]>([
  ['a new nullable column is instant', "await knex.schema.alterTable('transfer', (t) => t.string('note', 10))", []],
  ['an index is built online', "await knex.schema.alterTable('transfer', (t) => t.index('state', 'i'))", []],
  ['a new table touches nobody', "await knex.schema.createTable('fee', (t) => t.increments())", []],
  [
    'a changed type copies the table',
    "await knex.raw('alter table transfer modify state int')",
    ['table-copy: needs-window', 'tightens: needs-override'],
  ],
  [
    'a column that goes breaks the running version',
    "await knex.raw('alter table transfer drop column state')",
    ['drop-column: refused'],
  ],
  [
    'a required column without default',
    "await knex.raw('alter table transfer add column b int not null')",
    ['required-column: refused'],
  ],
  ['rows in one statement', "await knex.raw('update transfer set state = 1')", ['rows-in-one-statement: needs-window']],
  [
    'a unique index on an old column',
    "await knex.raw('create unique index u on transfer (state)')",
    ['tightens: needs-override'],
  ],
])('%s', async (_what, body, rules) => {
  const found = told(await one(up(body)))
  if (rules.length === 0) expect(found).toEqual([])
  else expect(found).toEqual(expect.arrayContaining(rules))
})

test('a statement is shown as it was sent, with what the server had to do', async () => {
  const file = await one(up("await knex.raw('alter table transfer modify state int')"))
  expect(file?.statements).toEqual([
    expect.objectContaining({ sql: 'alter table transfer modify state int', rewritten: ['transfer'] }),
  ])
})

test('a file that fails on the rows of the copy says why, and stops the line', async () => {
  const result = await rehearsed({
    'expand/001_a.js': up("await knex.raw('alter table participant add constraint c check (char_length(name) > 3)')"),
    'expand/002_b.js': up(''),
  })
  expect(result).toMatchObject({ verdict: 'fails', answer: 'refused', notRun: ['expand/002_b.js'] })
  expect(result.files[0]?.findings[0]).toMatchObject({
    rule: 'run-fails',
    why: expect.stringContaining('CONSTRAINT `c` failed'),
  })
})

test('the second run and the undo are told', async () => {
  const { files } = await rehearsed({
    'expand/001_a.js': up(
      "await knex.schema.createTable('fee', (t) => t.increments()); await knex.schema.createTable('tax', (t) => t.increments())",
      "await knex.schema.dropTable('tax'); await knex.schema.dropTable('fee')",
    ),
    'expand/002_b.js': up(
      "if (!(await knex.schema.hasTable('duty'))) await knex.schema.createTable('duty', (t) => t.increments())",
      '',
    ),
    'expand/003_c.js': up("await knex.schema.createTable('left', (t) => t.increments())", 'await knex.raw("select 1")'),
  })
  expect(files.map(({ again, down }) => [again, down])).toEqual([
    ['fails', 'restores'],
    ['same', 'none'],
    ['fails', 'differs'],
  ])
  expect(told(files[0])).toEqual(['not-repeatable: go'])
})

test('SQL files run as they are, phases as folders', async () => {
  const result = await rehearsed({
    'expand/001_a.sql':
      'create table if not exists fee (id int primary key);\nalter table transfer add column note text;\n',
    'contract/002_b.sql': 'alter table transfer drop column state',
  })
  expect(result.files.map(({ verdict, answer }) => [verdict, answer])).toEqual([
    ['light', 'go'],
    ['irreversible', 'needs-window'],
  ])
  expect(result.isFaithful).toBe(true)
  expect(result.schema.changes).toEqual(expect.arrayContaining([expect.stringMatching(/^\+ table fee/)]))
})

test('what the list of the copy has is not run again', async () => {
  await server.query(
    url,
    'create table knex_migrations (id int auto_increment primary key, name text, batch int, migration_time timestamp)',
  )
  await server.query(url, "insert into knex_migrations (name, batch) values ('001_a.js', 1)")
  const result = await rehearsed({ 'expand/001_a.js': up('throw new Error()'), 'expand/002_b.js': up('') })
  expect(result).toMatchObject({ applied: ['expand/001_a.js'], verdict: 'light' })
})

test('one that never ends is stopped, and nothing of the rehearsal is left', async () => {
  const result = await rehearsed(
    { 'expand/001_a.js': up("await knex.raw('select sleep(600)')") },
    { deadlineMs: 2_000 },
  )
  expect(result.files[0]?.findings[0]?.why).toMatch(/did not end within 2 s/)
  expect(await server.query(url, "show databases like 'refit_rehearsal%'")).toEqual([])
  expect(
    await server.query(
      url,
      "select id from information_schema.processlist where info like '%sleep(600)%' and id <> connection_id()",
    ),
  ).toEqual([])
  expect(await server.query(url, 'select @@global.general_log as log')).toEqual([{ log: 0 }])
  expect(await server.query(url, 'select count(*) as rows_there from transfer')).toEqual([{ rows_there: 2 }])
})

test('the same twice has the same digest', async () => {
  const files = { 'expand/001_a.js': up("await knex.schema.alterTable('transfer', (t) => t.string('note', 10))") }
  expect((await rehearsed(files)).digest).toBe((await rehearsed(files)).digest)
})

test.each<[string, string, RegExp]>([
  ['tables that no rehearsal made', '', /has 3 tables and views that no rehearsal made/],
  ['no database', '/', /names no database of its own/],
  ['a database of the server', '/mysql', /names no database of its own/],
])('refused: %s', async (_what, path, message) => {
  writeFileSync(join(directory, '001_a.sql'), 'select 1')
  const other = path === '' ? url : new URL(path, url).toString()
  const asked = { url: other, directory, list: 'k', deadlineMs: 1_000, sizes: new Map(), say: () => undefined }
  await expect(rehearseMysql(asked)).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(message) as string,
  })
})

test('a server that is away is named without its password', async () => {
  writeFileSync(join(directory, '001_a.sql'), 'select 1')
  const asked = { directory, list: 'k', deadlineMs: 1_000, sizes: new Map(), say: () => undefined }
  await expect(rehearseMysql({ ...asked, url: 'mysql://root:secret@127.0.0.1:1/x' })).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
    message: expect.not.stringContaining('secret') as string,
  })
})
