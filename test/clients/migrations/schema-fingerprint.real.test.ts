import { schemaFingerprint } from '../../../src/clients/migrations/schema-fingerprint'
import { withDatabase } from '../../../src/clients/migrations/scratch'
import { type TestDatabases, testDatabases } from '../../support/database'

const made =
  'create table transfer (id bigint primary key, note text, state text not null); create index i on transfer (state)'

let databases: TestDatabases
let one: string

beforeAll(async () => {
  databases = await testDatabases()
  one = await databases.create()
  await databases.query(one, made)
})
afterAll(() => databases.remove())

async function fingerprintOf(sql: string) {
  const url = await databases.create()
  await databases.query(url, sql)
  return withDatabase(url, schemaFingerprint)
}

test('two ways to the same schema have the same fingerprint', async () => {
  const grown = await fingerprintOf(
    `create table transfer (state text, old int, id bigint); alter table transfer drop column old;
     alter table transfer add primary key (id); alter table transfer add column note text;
     alter table transfer alter column state set not null; create index i on transfer (state)`,
  )
  expect(grown.text).toBe((await fingerprintOf(made)).text)
})

test.each([
  ['a column', 'alter table transfer add column more int'],
  ['a type', 'alter table transfer alter column note type varchar(9)'],
  ['a default', `alter table transfer alter column note set default 'x'`],
  ['null', 'alter table transfer alter column note set not null'],
  ['a constraint', 'alter table transfer add constraint c check (id > 0)'],
  ['a constraint that is not valid', 'alter table transfer add constraint c check (id > 0) not valid'],
  ['an index', 'drop index i'],
  ['a view', 'create view v as select id from transfer'],
  ['a function', `create function f() returns int language sql as 'select 1'`],
  ['an enum', `create type mood as enum ('ok')`],
  ['a domain', 'create domain positive as int check (value > 0)'],
  [
    'a trigger',
    `create function g() returns trigger language plpgsql as 'begin return new; end'; create trigger t before insert on transfer for each row execute function g()`,
  ],
  ['a schema', 'create schema risk'],
  ['a table elsewhere', 'create schema risk; create table risk.rule (id int)'],
])('another fingerprint: %s', async (_, change) => {
  const [before, after] = await withDatabase(one, async (client) => {
    const first = await schemaFingerprint(client)
    await client.query(`begin; ${change}`)
    return [first, await schemaFingerprint(client)] as const
  })
  expect(after.sha256).not.toBe(before.sha256)
})

test('settings of the session and an open transaction change nothing', async () => {
  await withDatabase(one, async (client) => {
    const before = await schemaFingerprint(client)
    await client.query(`begin; set local search_path = ''`)
    expect((await schemaFingerprint(client)).text).toBe(before.text)
    expect((await client.query<{ search_path: string }>('show search_path')).rows[0]?.search_path).toBe('""')
  })
})
