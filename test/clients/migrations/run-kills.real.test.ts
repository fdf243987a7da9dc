import pLimit from 'p-limit'
import { openMysql } from '../../../src/clients/migrations/run-mysql'
import { openPostgres } from '../../../src/clients/migrations/run-postgres'
import { type TestDatabases, testDatabases } from '../../support/database'
import { type TestMariaDb, testMariaDb } from '../../support/mariadb'
import { accounts, type Engine, killedAt, type Point } from './kill-points'

jest.setTimeout(900_000)

let databases: TestDatabases
let mariadb: TestMariaDb
beforeAll(async () => {
  databases = await testDatabases()
  mariadb = await testMariaDb()
})
afterAll(async () => {
  await databases?.remove()
  await mariadb?.remove()
})

const outside = 'exports.config = { transaction: false }'
const postgresMarker = `select pg_sleep(case when exists (select from arm) then 600 else 0 end) /* marker */`
const mysqlMarker = 'select sleep(if(exists (select 1 from arm), 5, 0)) /* marker */'

const postgres = (): Engine => ({
  name: 'PostgreSQL',
  create: () => databases.create(),
  query: (url, sql) => databases.query(url, sql),
  open: openPostgres,
  running: (text) =>
    `select 1 from pg_stat_activity where application_name = 'refit-migrations' and state = 'active'
       and datname = current_database() and query like '%${text}%' and (query like '%marker%' or wait_event_type = 'Lock')`,
  left: (session) =>
    `select 1 from pg_stat_activity where application_name = 'refit-migrations'
       and datname = current_database() and pid <> ${session}`,
  marker: postgresMarker,
})
const maria = (): Engine => ({
  name: 'MariaDB',
  create: () => mariadb.create(),
  query: (url, sql) => mariadb.query(url, sql),
  open: openMysql,
  running: (text) =>
    `select 1 from information_schema.processlist where db = database() and id <> connection_id()
       and command = 'Query' and info like '%${text}%' and info not like '%processlist%'`,
  marker: mysqlMarker,
})

const add = (column: string): string => `alter table account add column ${column} int`
const more = 'update account set balance = balance + 1'

/** The points that both engines have. */
function points(marker: string, phase: Point['phase'], lease: string[], list: string[], attempts: string[]): Point[] {
  const schema = phase === 'expand' ? add('fresh') : 'alter table account drop column old'
  const one = [{ name: '2_b.js', statements: [more, marker, schema], config: '' }]
  const earlier = { name: '1_a.js', statements: [add('earlier')] }
  const steps = [{ name: '2_b.js', statements: [add('one'), marker, schema], config: outside }]
  const single = [{ name: '2_b.js', statements: [schema], config: outside }]
  return [
    {
      phase,
      what: 'while it waits for the lease',
      files: one,
      hold: lease,
      dieAt: 'waiting for',
      adds: 1,
      ends: 'applied',
    },
    { phase, what: 'when it has the lease', files: one, dieAt: 'took the lease', adds: 1, ends: 'applied' },
    { phase, what: 'before a file', files: one, dieAt: `${phase}/2_b.js: next`, adds: 1, ends: 'applied' },
    { phase, what: 'inside a file, behind its rows', files: one, adds: 1, ends: 'applied' },
    {
      ...{ phase, what: 'before the record of a transaction', adds: 1, ends: 'applied' },
      files: [{ name: '2_b.js', statements: [more] }],
      ...{ hold: list, at: 'insert into _refit_hub' },
    },
    { phase, what: 'behind the last file', files: one, dieAt: `${phase}: applied 2_b.js`, adds: 1, ends: 'applied' },
    {
      ...{ phase, what: 'between two files', adds: 1, ends: 'applied' },
      ...{ files: [earlier, ...one], dieAt: `${phase}: applied 1_a.js` },
    },
    {
      ...{ phase, what: 'before the attempt of a file outside of a transaction', files: single },
      ...{ hold: attempts, at: 'insert into %migration_attempt', ends: 'applied' },
    },
    { phase, what: 'behind its attempt', files: single, dieAt: `${phase}/2_b.js: started`, ends: 'applied' },
    {
      ...{ phase, what: 'behind its statement, before its record, after a rehearsal', files: single, rehearsed: true },
      ...{ hold: list, at: 'insert into _refit_hub', ends: 'applied' },
    },
    {
      ...{ phase, what: 'between two statements outside of a transaction', files: steps },
      ...{ rehearsed: true, ends: 'dirty', names: 'account.one' },
    },
    {
      ...{ phase, what: 'there too, in a file that can be run again', ends: 'applied' },
      files: [
        {
          name: '2_b.js',
          statements: [
            `alter table account add column if not exists one int`,
            marker,
            phase === 'expand' ? add('fresh') : 'alter table account drop column if exists old',
          ],
          config: 'exports.config = { transaction: false, repeatable: true }',
        },
      ],
    },
  ]
}

const onlyPostgres: Point[] = [
  {
    ...{ phase: 'expand', what: 'inside a transaction, behind its statement', adds: 1, ends: 'applied' },
    files: [{ name: '2_b.js', statements: [add('fresh'), more, postgresMarker] }],
  },
  {
    ...{ phase: 'contract', what: 'inside a SQL file', adds: 1, ends: 'applied' },
    files: [{ name: '2_b.sql', statements: ['alter table account drop column old', more, postgresMarker] }],
  },
  {
    ...{ phase: 'expand', what: 'inside a concurrent build, which leaves an invalid index', ends: 'applied' },
    files: [
      { name: '2_b.js', statements: ['create index concurrently by_balance on account (balance)'], config: outside },
    ],
    ...{ hold: ['begin', 'update account set old = old where id = 1'], at: 'create index concurrently' },
  },
  {
    ...{ phase: 'expand', what: 'behind a concurrent build, before its record', rehearsed: true, ends: 'applied' },
    files: [
      { name: '2_b.js', statements: ['create index concurrently by_balance on account (balance)'], config: outside },
    ],
    ...{ hold: ['begin', 'lock table LIST in exclusive mode'], at: 'insert into _refit_hub' },
  },
  {
    ...{ phase: 'contract', what: 'between the check and its validation', ends: 'applied' },
    files: [
      {
        name: '2_b.js',
        statements: [
          'alter table account drop constraint if exists present',
          'alter table account add constraint present check (old is not null) not valid',
          postgresMarker,
          'alter table account validate constraint present',
        ],
        config: 'exports.config = { transaction: false, repeatable: true }',
      },
    ],
  },
]

const digest = 'a96f94ee'
const listOf = (phase: string): string => `refit_hub_ledger_${digest}_${phase}`

const withList = (point: Point): Point => ({
  ...point,
  ...(point.hold ? { hold: point.hold.map((sql) => sql.replace('LIST', listOf(point.phase))) } : {}),
})

const table: [() => Engine, Point][] = [
  ...(['expand', 'contract'] as const).flatMap((phase) => [
    ...points(
      postgresMarker,
      phase,
      [`select pg_advisory_lock(hashtextextended('refit/migrations', 0))`],
      ['begin', 'lock table LIST in exclusive mode'],
      ['begin', 'lock table refit.migration_attempt in exclusive mode'],
    ).map((point): [() => Engine, Point] => [postgres, withList(point)]),
    ...points(
      mysqlMarker,
      phase,
      [`select get_lock(concat('refit/', sha1(concat(database(), '/migrations'))), 0)`],
      ['begin', 'select * from LIST for update'],
      ['begin', 'select * from refit_migration_attempt for update'],
    ).map((point): [() => Engine, Point] => [maria, withList(point)]),
  ]),
  ...onlyPostgres.map((point): [() => Engine, Point] => [postgres, withList(point)]),
]

const groups = (['expand', 'contract'] as const).flatMap((phase) =>
  (['PostgreSQL', 'MariaDB'] as const).map((name): [string, typeof table] => [
    `${name}, ${phase}`,
    table.filter(([engine, point]) => engine().name === name && point.phase === phase),
  ]),
)

test.each(groups)(
  '%s, killed at each point: applied once or dirty with what is there, no row lost or changed twice',
  async (_name, group) => {
    const atOnce = pLimit(3)
    const ends = await Promise.all(
      group.map(([engine, point]) =>
        atOnce(async () => {
          const seen = await killedAt(engine(), point).catch((error: Error) => ({ ends: error.message, message: '' }))
          return { point, seen }
        }),
      ),
    )
    expect(ends.map(({ point, seen }) => ({ what: point.what, ...seen, message: undefined }))).toEqual(
      ends.map(({ point }) => ({
        what: point.what,
        ends: point.ends === 'dirty' ? 'MIGRATION_DIRTY' : 'applied',
        recorded: point.ends === 'dirty' ? 0 : 1,
        rows: accounts,
        added: (point.adds ?? 0) * accounts,
      })),
    )
    for (const { point, seen } of ends)
      if (point.names) expect(seen.message).toEqual(expect.stringMatching(new RegExp(`2_b.js.*${point.names}`)))
  },
)

test('there are at least 25 points, of which at most a tenth ends dirty', () => {
  expect(table.length).toBeGreaterThanOrEqual(25)
  expect(table.filter(([, point]) => point.ends === 'dirty').length).toBeLessThanOrEqual(table.length / 10)
})
