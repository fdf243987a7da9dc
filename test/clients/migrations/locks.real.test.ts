import { openReplay, type Replay } from '../../../src/clients/migrations/trace-replay'
import { type TestDatabases, testDatabases } from '../../support/database'

let databases: TestDatabases
let replay: Replay

beforeAll(async () => {
  databases = await testDatabases()
  const url = await databases.create()
  await databases.query(
    url,
    `create table quote (id int primary key);
     create table transfer (id int not null, n int, short varchar(20), at timestamp, price numeric(10, 2), quote int);
     create index by_n on transfer (n); create index by_short on transfer (short); create index by_at on transfer (at);
     create index by_price on transfer (price); create unique index by_id on transfer (id);
     alter table transfer add constraint later check (n > 0) not valid;
     create table part (k int) partition by range (k); create table part_1 partition of part for values from (0) to (10)`,
  )
  replay = await openReplay(url, 20_000)
})
afterAll(() => databases.remove())

/** In a transaction that is undone, so that the next finds the same tables. */
async function traced(sql: string) {
  const sent = ['begin', sql, 'rollback'].map((each) => ({ session: 1, sql: each }))
  const [statement] = await replay.file(sent)
  return statement
}

test.each<[string, string[]]>([
  ['alter table transfer add column x int default 1', ['AccessExclusive transfer']],
  ['alter table transfer validate constraint later', ['ShareUpdateExclusive transfer']],
  [
    'alter table transfer add foreign key (quote) references quote not valid',
    ['AccessShare quote', 'ShareRowExclusive quote', 'AccessShare transfer', 'ShareRowExclusive transfer'],
  ],
  ['create index i on transfer (quote)', ['Share transfer']],
  ['drop index by_n', ['AccessExclusive transfer']],
  ['reindex table transfer', ['Share transfer']],
  ['alter table transfer set (fillfactor = 70)', ['ShareUpdateExclusive transfer']],
  ['alter table part detach partition part_1', ['AccessExclusive part', 'AccessExclusive part_1']],
  ['create table part_2 partition of part for values from (10) to (20)', ['AccessExclusive part']],
  ['create table refund (quote int references quote)', ['AccessShare quote', 'ShareRowExclusive quote']],
  ['truncate transfer', ['AccessExclusive transfer', 'Share transfer']],
  ['update transfer set n = 1', ['RowExclusive transfer']],
])('%s locks %j', async (sql, locks) => {
  expect((await traced(sql))?.locks.map(({ relation, mode }) => `${mode} ${relation}`)).toEqual(locks)
})

const scanned = ['transfer']
test.each<[string, { rewritten?: string[]; rebuilt?: string[]; scanned?: string[] }]>([
  ['alter column short type varchar(50)', {}],
  ['alter column short type text', {}],
  ['alter column price type numeric(12, 2)', {}],
  ['alter column at type timestamptz', { rebuilt: ['by_at on transfer'], scanned }],
  ['alter column short type varchar(20) collate "C"', { rebuilt: ['by_short on transfer'], scanned }],
  ['add check (n > 1)', { scanned }],
  ['add check (n > 1) not valid', {}],
  ['alter column n set not null', { scanned }],
  ['add constraint pk primary key using index by_id', {}],
])('ALTER TABLE transfer %s does %j', async (change, { rewritten = [], rebuilt = [], scanned = [] }) => {
  expect(await traced(`alter table transfer ${change}`)).toMatchObject({ rewritten, rebuilt, scanned })
})

test.each([
  'alter column n type bigint',
  'alter column short type varchar(10)',
  'alter column price type numeric(12, 3)',
  'add column x uuid default gen_random_uuid()',
  'add column x int generated always as (n + 1) stored',
  'add column x bigserial',
  'set unlogged',
])('ALTER TABLE transfer %s writes every row anew', async (change) => {
  expect((await traced(`alter table transfer ${change}`))?.rewritten).toEqual(['transfer'])
})
