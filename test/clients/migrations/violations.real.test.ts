import { countViolations } from '../../../src/clients/migrations/violations'
import { readOnly } from '../../../src/clients/migrations/read-only'
import { readProduction } from '../../../src/clients/migrations/production'
import type { Tightening } from '../../../src/domain/migrations/tightening'
import { type TestDatabases, testDatabases } from '../../support/database'

let databases: TestDatabases
let url: string
beforeAll(async () => {
  databases = await testDatabases()
  url = await databases.create()
  await databases.query(
    url,
    `create schema other; create table other."Odd, (name)" (a int, b int, primary key (a, b));
     insert into other."Odd, (name)" values (1, 1);
     create table t (id int, a int, b int, "Weird ""col" text, n numeric);
     insert into t values (1, 1, 1, 'x', 1.5), (2, 1, 1, 'X', 12345), (3, 2, null, null, null), (4, 2, null, '', 7);
     create table part (id int, at date) partition by range (at);
     create table part_1 partition of part for values from ('2026-01-01') to ('2027-01-01');
     insert into part select n, '2026-06-01' from generate_series(1, 30000) n;
     create table fresh (id int); insert into fresh select n from generate_series(1, 20000) n; analyze part;`,
  )
})
afterAll(() => databases.remove())

const rule = (definition: string, more: Partial<Tightening> = {}): Tightening => ({
  ...{ kind: 'constraint', table: 't', name: 'k', columns: [] },
  definition,
  ...more,
})
const count = async (change: Tightening) => {
  const [found] = await countViolations({ url, changes: [change] })
  return found ? (found.rows ?? found.why) : 0
}

test.each<[string, Tightening, number | string]>([
  ['UNIQUE, nulls apart', rule('UNIQUE (a, b)'), 1],
  ['UNIQUE, nulls alike', rule('UNIQUE NULLS NOT DISTINCT (a, b)'), 2],
  ['a primary key', rule('PRIMARY KEY (a, b)'), 2],
  ['a foreign key of two columns to an odd name', rule('FOREIGN KEY (id, a) REFERENCES other."Odd, (name)"(a, b)'), 3],
  ['CHECK, where null passes', rule('CHECK ((b > 1))'), 2],
  [
    'CHECK that may act, which nobody has approved yet',
    rule(`CHECK ((set_config('a.b', '1', false) <> ''))`),
    'no query is known for it',
  ],
  ['CHECK NO INHERIT', rule('CHECK ((b > 1)) NO INHERIT'), 2],
  ['NOT NULL as a constraint', rule('NOT NULL "Weird ""col"'), 1],
  ['NOT NULL', rule('NOT NULL', { kind: 'not-null', columns: ['Weird "col'] }), 1],
  ['a number', rule('numeric(5,2)', { kind: 'type', columns: ['n'] }), 1],
  ['a date', rule('date', { kind: 'type', columns: ['Weird "col'] }), 3],
  [
    'a unique index',
    rule('CREATE UNIQUE INDEX i ON public.t USING btree (a DESC NULLS LAST)', { kind: 'unique-index' }),
    2,
  ],
  [
    'one of an expression',
    rule('CREATE UNIQUE INDEX i ON public.t USING btree (lower("Weird ""col"))', { kind: 'unique-index' }),
    1,
  ],
  [
    'a partial one',
    rule('CREATE UNIQUE INDEX i ON public.t USING btree (a) INCLUDE (n) WHERE (id < 3)', { kind: 'unique-index' }),
    1,
  ],
  ['rows that keep the rule', rule('UNIQUE (id)'), 0],
  [
    'an operator class',
    rule('CREATE UNIQUE INDEX i ON t USING btree (a some_ops)', { kind: 'unique-index' }),
    'no query is known for it',
  ],
  ['EXCLUDE', rule('EXCLUDE USING gist (a WITH =)'), 'no query is known for it'],
  [
    'a table that comes with an earlier file',
    rule('FOREIGN KEY (a) REFERENCES not_yet(id)'),
    'it needs what an earlier file makes',
  ],
  ['a check that fails itself', rule('CHECK (((1 / (id - 1)) > 0))'), 'the count failed (22012)'],
])('%s', async (_, change, expected) => {
  expect(await count(change)).toBe(expected)
})

test('a count that takes too long is given up, and says so', async () => {
  const change = rule(`CHECK ((length(repeat('x', 1000000 + id)) > 0))`, { table: 'part' })
  expect(await countViolations({ url, changes: [change], timeoutMs: 100 })).toMatchObject([
    { rows: null, why: 'counting took longer than 0.1 s' },
  ])
})

test('nothing can be written, and a database that is away is told without its password', async () => {
  await expect(readOnly(url, 1_000, (client) => client.query('create table x (id int)'))).rejects.toMatchObject({
    message: expect.stringContaining('25006') as string,
  })
  const away = countViolations({ url: 'postgres://u:hunter2@127.0.0.1:1/x', changes: [rule('UNIQUE (a)')] })
  await expect(away).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  await expect(away).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') as string })
})

test('the sizes of tables are never too small: also of partitions, and of tables that nobody analysed', async () => {
  const { sizes } = await readProduction(url, 'hub_ledger')
  expect(sizes.get('part')).toBe(30_000)
  expect(sizes.get('fresh')).toBeGreaterThanOrEqual(20_000)
  expect(sizes.get('other.Odd, (name)')).toBeGreaterThan(0)
})
