import { lookAtBackfill, previewBackfill } from '../../src/clients/backfill-look'
import { type BackfillRun, runBackfill } from '../../src/clients/backfill-run'
import type { Backfill } from '../../src/domain/migrations/backfill'
import { makeTransfersThere, quoteIdsThere, sumsThere, withConnection } from '../support/backfill-mysql'
import { type TestMariaDb, testMariaDb } from '../support/mariadb'

let server: TestMariaDb
beforeAll(async () => void (server = await testMariaDb()))
afterAll(() => server.remove())

const run = (url: string, more: Partial<Backfill> = {}, options: Partial<BackfillRun> = {}) =>
  runBackfill({ url, backfill: { ...quoteIdsThere, ...more }, owner: 'test', ...options })
const all = (rows: number) => ({ rows, right: rows, touches: rows, touched: rows })

async function transfers(rows = 3_456, key?: string, values?: string): Promise<string> {
  const url = await server.create()
  await makeTransfersThere(url, rows, key, values)
  return url
}

const text = (charset: string, collation: string) =>
  `id varchar(40) character set ${charset} collate ${collation} not null primary key`

test.each([
  ['a bigint beyond what a double holds', 'id bigint not null primary key', '9007199254740990 + seq'],
  ['an unsigned bigint', 'id bigint unsigned not null primary key', '18446744073709540000 + seq'],
  ['negative decimals', 'id decimal(12,3) not null primary key', '-seq / 7'],
  ['a UUID as text', 'id char(36) not null primary key', 'uuid()'],
  ['a UUID as bytes', 'id binary(16) not null primary key', "unhex(replace(uuid(), '-', ''))"],
  ['the native UUID', 'id uuid not null primary key', 'uuid()'],
  ['a text whose case does not count', text('utf8mb4', 'utf8mb4_general_ci'), "concat(char(97 + seq % 26), 'É', seq)"],
  ['a text by its bytes', text('utf8mb4', 'utf8mb4_bin'), "concat(char(65 + seq % 58), '😀', seq)"],
  ['a text in latin1', text('latin1', 'latin1_german1_ci'), "concat(elt(1 + seq % 4, 'Ä', 'z', 'Ö', 'ß'), seq)"],
  [
    'a text with quotes and backslashes',
    text('utf8mb4', 'utf8mb4_uca1400_ai_ci'),
    "concat(elt(1 + seq % 3, '''', '\\\\', '\"'), seq)",
  ],
  [
    'a time',
    'id datetime(6) not null primary key',
    "'2026-10-25 00:00:00' + interval seq second + interval 5 microsecond",
  ],
  ['a timestamp', 'id timestamp not null primary key', 'from_unixtime(1792886400 + seq)'],
  [
    'two columns',
    'payer varchar(9) not null, id int unsigned not null, primary key (payer, id)',
    "concat('P', seq % 7), seq",
  ],
])('every row is changed once, by %s', async (_name, key, values) => {
  const url = await transfers(3_456, key, values)
  const { outcome, progress } = await run(url, { key: key.includes('primary key (') ? ['payer', 'id'] : ['id'] })
  expect(outcome).toBe('done')
  expect(progress).toMatchObject({ changed: 3_456, pass: 1 })
  expect(await sumsThere(url)).toEqual(all(3_456))
})

test('a unique index that is not the primary key, a partitioned table, and names that must be quoted', async () => {
  const url = await server.create()
  await withConnection(url, async (connection) => {
    await connection.query(
      'create table `odd ``name` (`order` int not null, `key` int not null, quote_id text, unique `by ``both` (`order`, `key`)) partition by hash (`order`) partitions 3',
    )
    await connection.query('insert into `odd ``name` (`order`, `key`) select seq % 9, seq from seq_1_to_2500')
  })
  const set = { quote_id: "concat('q-', `key`) -- why" }
  const change = { kind: 'set' as const, set, where: 'quote_id is null' }
  expect(await run(url, { table: 'odd `name', key: ['order', 'key'], change })).toMatchObject({
    progress: { changed: 2_500 },
  })
})

test('a statement of the operator with other tables in it', async () => {
  const url = await transfers(2_500)
  await server.query(url, `create table quote as select seq as id, concat('quote-', seq) as code from seq_1_to_2500`)
  const statement = `update transfer as t join quote as q on q.id = t.amount set t.quote_id = q.code
    where t.quote_id is null and {range t} -- a batch`
  const proof = 'select 1 from transfer where quote_id is null limit 1'
  const change = { kind: 'statement' as const, statement }
  expect(await run(url, { change, proof })).toMatchObject({ outcome: 'done', progress: { changed: 2_500 } })
  expect(await sumsThere(url)).toEqual(all(2_500))
})

test('rows that land behind the cursor are found by the proof; stopped, it goes on; done, it does nothing', async () => {
  const url = await transfers(5_000)
  const stop = new AbortController()
  const first = await run(
    url,
    {},
    {
      signal: stop.signal,
      onProgress: ({ batches }) => batches === 2 && stop.abort(),
    },
  )
  expect(first).toMatchObject({ outcome: 'stopped', progress: { batches: 2 } })
  await server.query(url, 'insert into transfer (id, amount) values (-1, 5001)')
  expect((await lookAtBackfill({ url, backfill: quoteIdsThere })).checkpoint).toMatchObject({
    state: 'stopped',
    batches: 2,
  })
  const second = await run(url)
  expect(second).toMatchObject({ outcome: 'done', progress: { changed: 5_001, pass: 2 } })
  expect(await run(url)).toMatchObject({ outcome: 'done', progress: { scannedHere: 0, changed: 5_001 } })
  expect(await sumsThere(url)).toEqual(all(5_001))
})

test('a row that lands between the change and its check is no fault of the change', async () => {
  const url = await transfers(500)
  let landed = 0
  await withConnection(url, async (writer) => {
    const stop = new AbortController()
    const landing = (async () => {
      for (let id = 10_000; !stop.signal.aborted; id += 1, landed += 1)
        await writer.query('insert into transfer (id, amount) values (?, ?)', [id, id])
    })()
    // The last batch of each pass reaches to where rows land.
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(2_000)])
    expect(await run(url, {}, { signal })).toHaveProperty('outcome')
    stop.abort()
    await landing
  })
  expect(await run(url)).toMatchObject({ outcome: 'done' })
  expect(await sumsThere(url)).toEqual(all(500 + landed))
})

test('the dry run shows key, plan and what can not be seen; nothing is written', async () => {
  const url = await transfers(5_000)
  const seen = await previewBackfill({ url, backfill: quoteIdsThere })
  expect(seen).toMatchObject({ key: [{ name: 'id', type: 'bigint(20)' }], isProven: false, isLeased: false })
  expect(seen.plan).toEqual([expect.stringMatching(/^table transfer, access range, index PRIMARY, rows \d+/)])
  expect(seen.notes).toEqual([expect.stringContaining("replica lag can't be read on a primary")])
  expect(await server.query(url, `show tables like 'refit%'`)).toEqual([])
})

test.each<[string, Partial<Backfill>, string, string]>([
  ['a column that is not there', { key: ['nope'] }, 'MIGRATION_REFUSED', 'has no column nope'],
  ['a key that is not unique', { key: ['amount'] }, 'MIGRATION_REFUSED', 'No unique index'],
  ['a key that may be null', { key: ['quote_id'] }, 'MIGRATION_REFUSED', 'may be null'],
  [
    'a key of which an index has only the beginning',
    { table: 'odd', key: ['prefix'] },
    'MIGRATION_REFUSED',
    'No unique index',
  ],
  [
    'a key that is compared otherwise than it is ordered',
    { table: 'odd', key: ['kind'] },
    'MIGRATION_REFUSED',
    "kind is of type enum('b','a')",
  ],
  ['a table without transactions', { table: 'plain', key: ['id'] }, 'MIGRATION_REFUSED', 'engine MyISAM'],
  ['a view', { table: 'seen' }, 'MIGRATION_REFUSED', 'seen is no table'],
  ['a table that is not there', { table: 'nope' }, 'MIGRATION_REFUSED', 'There is no table nope'],
  [
    'wrong SQL',
    { change: { kind: 'set', set: { quote_id: 'nope(' }, where: 'true' } },
    'MIGRATION_FAILED',
    'You have an error in your SQL syntax',
  ],
  [
    'two statements in one',
    { proof: 'select 1; drop table transfer' },
    'MIGRATION_FAILED',
    'You have an error in your SQL syntax',
  ],
  [
    'a change after which where is still true',
    { change: { kind: 'set', set: { quote_id: 'null' }, where: 'quote_id is null' } },
    'MIGRATION_FAILED',
    'where is still true for 500 rows up to key 500',
  ],
  [
    'a change that needs another one',
    {
      change: {
        kind: 'set',
        set: { quote_id: "concat(ifnull(quote_id, ''), 'x')" },
        where: "ifnull(quote_id, '') <> 'xx'",
      },
    },
    'MIGRATION_FAILED',
    'where is still true for 500 rows',
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
  [
    'a value that a column does not take',
    { change: { kind: 'set', set: { amount: "'secret'" }, where: 'quote_id is null' } },
    'MIGRATION_FAILED',
    'Incorrect integer value: … for column',
  ],
])('%s is refused, and says why', async (_name, wrong, code, message) => {
  const url = await transfers(500)
  for (const sql of [
    `create table odd (prefix varchar(99) not null, kind enum('b', 'a') not null, quote_id text, unique (prefix(9)), unique (kind))`,
    'create table plain (id int primary key, quote_id text) engine = MyISAM',
    'create view seen as select * from transfer',
  ])
    await server.query(url, sql)
  // Whatever the URL asks for, a second statement never runs.
  const error = await run(`${url}?multipleStatements=true`, wrong).catch((thrown: Error) => thrown)
  expect(error).toMatchObject({ code, message: expect.stringContaining(message) as string })
  expect((error as Error).message).not.toContain('secret')
  expect(await sumsThere(url)).toMatchObject({ rows: 500, right: 0 })
})
