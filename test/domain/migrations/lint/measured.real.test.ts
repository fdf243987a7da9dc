import { Client } from 'pg'
import { parseSql } from '../../../../src/clients/pg-parser'
import { locksOf, lockModes } from '../../../../src/domain/migrations/lint/locks'
import { testDatabases, type TestDatabases } from '../../../support/database'
import { catalogOf, rulesOf } from './support'

jest.setTimeout(120_000)

const schema = `
  create table owners (id bigint primary key, name text);
  create table accounts (id bigint primary key, a int, b int, c varchar(20), owner bigint);
  create index accounts_a on accounts (a);
  create unique index accounts_b on accounts (b);
  alter table accounts add constraint owner_fk foreign key (owner) references owners not valid;
  alter table accounts add constraint a_ck check (a > 0) not valid;
  create table events (k int not null) partition by range (k);
  create table events_1 partition of events for values from (0) to (10);
  create table events_2 (k int not null);
  create materialized view totals as select id, a from accounts;
  create unique index totals_id on totals (id);`
const trigger = `
  create function noop() returns trigger language plpgsql as 'begin return new; end';
  create trigger watch before update on accounts for each row execute function noop();`

let databases: TestDatabases
let client: Client

beforeAll(async () => {
  databases = await testDatabases()
  client = new Client({ connectionString: await databases.create() })
  await client.connect()
  await client.query(schema + trigger)
})
afterAll(async () => {
  await client.end()
  await databases.remove()
})

const held = `
  select c.relname as table, replace(l.mode, 'Lock', '') as mode
  from pg_locks l join pg_class c on c.oid = l.relation
  where l.pid = pg_backend_pid() and c.relkind in ('r', 'p', 'm') and c.relname = any($1)`
const tables = ['owners', 'accounts', 'events', 'events_1', 'events_2', 'totals']
const inWords = (mode: string): string =>
  mode
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase()
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .replace(/ +/g, ' ')
    .trim()
    .toUpperCase()

/** The strongest lock on each table that was there before, while the transaction is still open. */
async function measured(sql: string): Promise<Record<string, string>> {
  await client.query('begin')
  try {
    await client.query(sql)
    const { rows } = await client.query<{ table: string; mode: string }>(held, [tables])
    const strongest: Record<string, string> = {}
    const rank = (mode: string) => (lockModes as readonly string[]).indexOf(mode)
    for (const { table, mode } of rows.map((row) => ({ ...row, mode: inWords(row.mode) })))
      if (rank(mode) > rank(strongest[table] ?? '')) strongest[table] = mode
    return strongest
  } finally {
    await client.query('rollback')
  }
}

/** Those that make writers wait, and SHARE UPDATE EXCLUSIVE: what merely reads isn't told. */
const worthTelling = (locks: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(locks).filter(([, mode]) => lockModes.findIndex((each) => each === mode) > 2))

test.each([
  'alter table accounts add column n int',
  'alter table accounts add column n int unique',
  'alter table accounts add column n bigint references owners',
  'alter table accounts add column n int check (n > 0)',
  'alter table accounts drop column c',
  'alter table accounts drop column owner',
  'alter table accounts alter column c type text',
  'alter table accounts alter column a set not null',
  'alter table accounts alter column a set default 5',
  'alter table accounts alter column a set statistics 100',
  'alter table accounts set (fillfactor = 70)',
  'alter table accounts add constraint ck check (b > 0)',
  'alter table accounts add constraint ck check (b > 0) not valid',
  'alter table accounts validate constraint a_ck',
  'alter table accounts validate constraint owner_fk',
  'alter table accounts add constraint fk foreign key (b) references owners',
  'alter table accounts add constraint fk foreign key (b) references owners not valid',
  'alter table accounts drop constraint owner_fk',
  'alter table accounts drop constraint a_ck',
  'alter table accounts add constraint uq unique (c)',
  'alter table accounts add constraint uq unique using index accounts_b',
  'alter table accounts add constraint ex exclude using btree (b with =)',
  'alter table accounts disable trigger watch',
  'alter table accounts enable row level security',
  'alter table accounts set unlogged',
  'alter table accounts owner to current_user',
  'alter table accounts rename column a to z',
  'create trigger w2 before update on accounts for each row execute function noop()',
  'drop trigger watch on accounts',
  'create index ci on accounts (b)',
  'drop index accounts_a',
  'reindex table accounts',
  'truncate accounts',
  'cluster accounts using accounts_a',
  "comment on table accounts is 'x'",
  "comment on column accounts.a is 'x'",
  'refresh materialized view totals',
  'refresh materialized view concurrently totals',
  'alter table events attach partition events_2 for values from (10) to (20)',
  'alter table events detach partition events_1',
  'create table events_3 partition of events for values from (20) to (30)',
  'create table n (id bigint references owners)',
  'create table n (id bigint, foreign key (id) references owners)',
  'create statistics st on a, b from accounts',
  'analyze accounts',
  'create policy p on accounts using (true)',
  'create rule r as on delete to accounts do instead nothing',
  'lock table accounts in share mode',
  'lock table accounts',
  'update accounts set b = 1 where id < 10',
  'drop table accounts cascade',
])('the locks that lint tells are those that PostgreSQL takes: %s', async (sql) => {
  const { statements } = await parseSql('one.sql', sql)
  const [statement] = statements
  const told = Object.fromEntries(statement ? locksOf(statement.node, await catalogOf(schema)) : [])
  const taken = await measured(sql)
  if (!sql.startsWith('drop table')) expect(worthTelling(told)).toEqual(worthTelling(taken))
  // What is dropped is not in the catalog any more.
  else expect(worthTelling(told)).toMatchObject(worthTelling(taken))
})

const filenodes = `select string_agg(pg_relation_filenode(oid)::text, ',' order by relname) as nodes
  from pg_class where relname in ('changed', 'changed_v') `

/** Whether the table, or the index on the column, was written anew. */
async function isWrittenAnew(table: string, sql: string): Promise<boolean> {
  await client.query('begin')
  try {
    await client.query(table)
    const before = (await client.query<{ nodes: string }>(filenodes)).rows[0]?.nodes
    await client.query(sql)
    return (await client.query<{ nodes: string }>(filenodes)).rows[0]?.nodes !== before
  } finally {
    await client.query('rollback')
  }
}

const pairs = `int>bigint smallint>int bigint>int int>numeric int>text varchar(20)>varchar(50) varchar(20)>varchar(10)
  varchar(20)>varchar varchar(20)>text text>varchar text>varchar(200) char(10)>varchar(10) char(10)>text char(10)>char(20)
  numeric(10,2)>numeric(12,2) numeric(10,2)>numeric(8,2) numeric(10,2)>numeric(12,3) numeric(10,2)>numeric
  numeric>numeric(30,5) numeric(10)>numeric(12) timestamp>timestamptz timestamptz>timestamp timestamp(3)>timestamp(6)
  timestamp(6)>timestamp(3) timestamptz(3)>timestamptz timestamp>timestamp(6) timestamp>timestamp(3)
  timestamp(3)>timestamptz timestamp>timestamptz(3) timestamp(3)>timestamptz(3) time(3)>time(6) time(6)>time(3) interval(3)>interval interval>interval(3) cidr>inet
  inet>cidr date>timestamp bit(4)>varbit(8) varbit(4)>varbit(8) varbit(4)>varbit varbit(8)>varbit(4) float4>float8
  uuid>text oid>int int>oid bytea>text int[]>bigint[] int>int text>text`.split(/\s+/)

test.each(['UTC', 'America/Los_Angeles'].flatMap((zone) => pairs.map((pair) => [zone, ...pair.split('>')])))(
  'in %s, lint knows whether %s to %s writes table or index anew',
  async (zone, from, to) => {
    const table = `create table changed (v ${from}); create index changed_v on changed (v);`
    const sql = `set local timezone = '${zone}'; alter table changed alter column v type ${to}`
    const found = await rulesOf(sql, { schema: table })
    expect(found).toBe((await isWrittenAnew(table, sql)) ? 'changing-column-type' : '')
  },
)

test.each([
  'int',
  'int not null default 10',
  "text default 'x'",
  'timestamptz default now()',
  "timestamptz not null default now() - interval '1 day'",
  'timestamptz default clock_timestamp()',
  'uuid default gen_random_uuid()',
  'uuid default uuidv7()',
  'float8 default random()',
  "text[] default array['a', 'b']",
  "jsonb default jsonb_build_object('a', 1)",
  'text default current_user',
  'date default current_date',
  'int generated always as (v + 1) stored',
  'int generated always as (v + 1) virtual',
  'bigserial',
  'int generated always as identity',
  'positive',
])('lint knows whether a new column writes the table anew: %s', async (column) => {
  const table = `create domain positive as int check (value > 0); create table changed (v int);`
  const sql = `alter table changed add column added ${column}`
  expect((await rulesOf(sql, { schema: table })) !== '').toBe(await isWrittenAnew(table, sql))
})
