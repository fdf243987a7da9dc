import { runBackfill } from '../../src/clients/backfill-run'
import type { Backfill } from '../../src/domain/migrations/backfill'
import { makeTransfers, quoteIds, sumsOf, withClient } from '../support/backfill'
import { type TestDatabases, testDatabases } from '../support/database'

let databases: TestDatabases
beforeAll(async () => void (databases = await testDatabases()))
afterAll(() => databases.remove())

const run = (url: string, backfill: Backfill = quoteIds, more: Partial<Parameters<typeof runBackfill>[0]> = {}) =>
  runBackfill({ url, backfill, owner: 'test', ...more })
const all = (rows: number) => ({ rows, right: rows, touches: rows, touched: rows })

test.each([
  ['a bigint', 'id bigint primary key', ['id']],
  ['a UUID', 'id uuid primary key default gen_random_uuid()', ['id']],
  [
    'two columns of different types',
    'payer varchar(20) not null default (random() * 9)::int::text, seq bigint generated always as identity, unique (payer, seq)',
    ['payer', 'seq'],
  ],
  [
    'names that must be quoted',
    `"Hub ""Id""" timestamptz not null default clock_timestamp(), "order" int generated always as identity, primary key ("Hub ""Id""", "order")`,
    ['Hub "Id"', 'order'],
  ],
])('every row is changed once, by %s', async (_name, columns, key) => {
  const url = await databases.create()
  await makeTransfers(url, 3_456, columns)
  const { outcome, progress } = await run(url, { ...quoteIds, key })
  expect(outcome).toBe('done')
  expect(progress).toMatchObject({ changed: 3_456, pass: 1 })
  expect(await sumsOf(url)).toEqual(all(3_456))
})

test('rows that land behind the cursor are found by the proof, and rows that others filled are left alone', async () => {
  const url = await databases.create()
  await makeTransfers(url, 5_000)
  await withClient(url, async (client) => {
    let landed = 0
    const { outcome, progress } = await run(url, quoteIds, {
      onProgress: ({ scanned, pass }) => {
        // In the second pass, too: it ends when there is nothing, not after so many passes.
        if (landed >= 2 || scanned === 0 || pass !== landed + 1) return
        landed += 1
        void client.query('insert into transfer (id, amount) values ($1, $2)', [-landed, 10_000 + landed])
      },
      // Makes sure that it has landed before the pass ends.
      hold: slowly(),
    })
    expect(outcome).toBe('done')
    expect(progress.pass).toBe(3)
  })
  expect(await sumsOf(url)).toEqual(all(5_002))
})

const slowly = () => {
  let turn = 0
  return () => (turn++ % 2 === 0 ? 'the test wants it slow' : undefined)
}

test('a statement of the operator with other tables in it', async () => {
  const url = await databases.create()
  await makeTransfers(url, 2_500)
  await withClient(url, (client) =>
    client.query(`create table quote as select n as id, 'quote-' || n as code from generate_series(1, 2500) as n`),
  )
  const statement = `update transfer as t set quote_id = q.code from quote as q
    where q.id = t.amount and t.quote_id is null and {range t} -- a batch`
  const proof = 'select 1 from transfer where quote_id is null limit 1'
  const backfill = { ...quoteIds, change: { kind: 'statement' as const, statement }, proof }
  expect(await run(url, backfill)).toMatchObject({ outcome: 'done', progress: { changed: 2_500 } })
  expect(await sumsOf(url)).toEqual(all(2_500))
})

test('a partitioned table', async () => {
  const url = await databases.create()
  await withClient(url, (client) =>
    client.query(`create table part (id int primary key, amount int, quote_id text) partition by range (id);
      create table part_1 partition of part for values from (0) to (1000);
      create table part_2 partition of part for values from (1000) to (3000);
      insert into part select n, n from generate_series(0, 2999) as n`),
  )
  expect(await run(url, { ...quoteIds, table: 'public.part' })).toMatchObject({ progress: { changed: 3_000 } })
})

test('stopped, it goes on behind the last batch; done, it looks and does nothing', async () => {
  const url = await databases.create()
  await makeTransfers(url, 5_000)
  const stop = new AbortController()
  const first = await run(url, quoteIds, {
    signal: stop.signal,
    onProgress: ({ batches }) => batches === 2 && stop.abort(),
  })
  expect(first).toMatchObject({ outcome: 'stopped', progress: { batches: 2 } })
  const second = await run(url)
  expect(second.outcome).toBe('done')
  expect(second.progress.changed).toBe(5_000)
  expect(second.progress.scannedHere).toBe(5_000 - first.progress.scanned)
  expect(await run(url)).toMatchObject({ outcome: 'done', progress: { scannedHere: 0, changed: 5_000 } })
  expect(await sumsOf(url)).toEqual(all(5_000))
})

test.each<[string, Partial<Backfill>, string, string]>([
  ['a column that is not there', { key: ['nope'] }, 'MIGRATION_REFUSED', 'has no column nope'],
  ['a key that is not unique', { key: ['amount'] }, 'MIGRATION_REFUSED', 'No unique index'],
  ['a key that may be null', { key: ['quote_id'] }, 'MIGRATION_REFUSED', 'may be null'],
  ['a table that is not there', { table: 'nope' }, 'MIGRATION_REFUSED', 'There is no table nope'],
  [
    'wrong SQL',
    { change: { kind: 'set', set: { quote_id: 'nope(' }, where: 'true' } },
    'MIGRATION_FAILED',
    'The backfill failed: syntax error',
  ],
  ['two statements in one', { proof: 'select 1; drop table transfer' }, 'MIGRATION_FAILED', 'multiple commands'],
  [
    'a change after which where is still true',
    { change: { kind: 'set', set: { quote_id: 'null' }, where: 'quote_id is null' } },
    'MIGRATION_FAILED',
    'where is still true for 500 rows up to key 500',
  ],
  [
    'a proof that the change never satisfies',
    {
      change: { kind: 'set', set: { quote_id: "'x'" }, where: 'quote_id is null and amount > 100' },
      proof: 'select 1 from transfer where quote_id is null',
    },
    'MIGRATION_FAILED',
    'passes over the whole table changed nothing',
  ],
])('%s is refused, and says why', async (_name, wrong, code, message) => {
  const url = await databases.create()
  await makeTransfers(url, 500)
  await expect(run(url, { ...quoteIds, ...wrong })).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message) as string,
  })
})
