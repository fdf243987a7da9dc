import { milliseconds } from '../../../../src/domain/migrations/lint/session'
import { lintOf, rulesOf } from './support'

const schema = 'create table accounts (id bigint primary key, email text); create table owners (id bigint primary key);'
const add = 'alter table accounts add column a boolean;'
const outside = { transaction: 'none' } as const

describe('the lock_timeout in effect when a statement waits', () => {
  test.each([
    ['none', add, 'require-lock-timeout'],
    ['set before', `set lock_timeout = '1s'; ${add}`, ''],
    ['in other letters', `SET Lock_Timeout TO 500; ${add}`, ''],
    ['of another name', `set foo.lock_timeout = '1s'; ${add}`, 'require-lock-timeout'],
    ['set afterwards', `${add} set lock_timeout = '1s';`, 'require-lock-timeout'],
    ['reset', `set lock_timeout = '1s'; reset lock_timeout; ${add}`, 'require-lock-timeout'],
    ['reset with all', `set lock_timeout = '1s'; reset all; ${add}`, 'require-lock-timeout'],
    ['back at its default', `set lock_timeout = '1s'; set lock_timeout to default; ${add}`, 'require-lock-timeout'],
    ['0', `set lock_timeout = 0; ${add}`, 'require-lock-timeout'],
    ['too long', `set lock_timeout = '1min'; ${add}`, 'lock-timeout-too-long'],
    ['local, in the transaction', `set local lock_timeout = '1s'; ${add}`, ''],
    ['local, closed by a COMMIT', `begin; set local lock_timeout = '1s'; commit; ${add}`, 'require-lock-timeout'],
    ['local, without a transaction', `begin; commit; set local lock_timeout = '1s'; ${add}`, 'require-lock-timeout'],
    ['taken back by a ROLLBACK', `begin; set lock_timeout = '1s'; rollback; ${add}`, 'require-lock-timeout'],
    ['by a function', `select set_config('lock_timeout', '1s', false); ${add}`, ''],
  ])('%s', async (_, sql, expected) => {
    const { findings } = await lintOf(sql, { schema })
    expect(
      findings
        .map(({ rule }) => rule)
        .filter((rule) => rule.includes('lock-timeout'))
        .join(' '),
    ).toBe(expected)
  })

  test('does not matter to what makes nobody wait', async () => {
    expect(await rulesOf('select * from accounts', { schema, form: true })).toBe('')
    expect(await rulesOf('create table t (id bigint)', { schema, form: true })).toBe('')
    expect(
      await rulesOf('create index concurrently if not exists i on accounts (email)', {
        schema,
        form: true,
        ...outside,
      }),
    ).toBe('')
  })

  test.each([
    ['5', 5],
    ['2 s', 2_000],
    ['1min', 60_000],
    ['0', undefined],
    ['soon', undefined],
  ])('is read as PostgreSQL does: %s', (text, expected) => {
    expect(milliseconds(text)).toBe(expected)
  })
})

const timeouts = "set lock_timeout = '1s'; set statement_timeout = '5s'; "

describe('the shape of transactions', () => {
  test.each([
    ['begin; begin; select 1; commit', 'transaction-nesting'],
    ['commit', 'transaction-nesting'],
    ['begin; select 1', 'ban-uncommitted-transaction'],
    [`${add} select count(*) from accounts`, 'statements-after-access-exclusive'],
    [`${add} alter table accounts add column b text`, 'multiple-alters'],
    [`${add} alter table owners add column b text`, 'locks-several-tables'],
    ['create table t (id bigint references owners)', 'references-live-table'],
  ])('%s: %s', async (sql, expected) => {
    expect(await rulesOf(timeouts + sql, { schema, form: true })).toBe(expected)
  })

  test('a BEGIN in a file whose runner has one already is none', async () => {
    expect(await rulesOf('begin; select 1; commit', { form: true })).toBe('')
    expect(await rulesOf('begin; select 1; commit', { form: true, transaction: 'assumed' })).toBe(
      'transaction-nesting transaction-nesting',
    )
  })
})

test.each([
  ['create table t (a char(10))', 'ban-char-field'],
  ['create table t (a varchar(10))', 'prefer-text-field'],
  ['create table t (a int)', 'prefer-bigint-over-int'],
  ['create table t (a bigserial)', 'prefer-identity'],
  ['create table t (a timestamp)', 'prefer-timestamptz'],
  ['create table t (a json)', 'prefer-jsonb'],
  ['create table t (a bigint generated always as identity primary key, b jsonb, c timestamptz)', ''],
  ["create domain d as text check (value <> '')", 'ban-create-domain-with-constraint'],
  [`create table ${'n'.repeat(64)} (a text)`, 'identifier-too-long'],
  [`create table ${'n'.repeat(63)} (a text)`, ''],
  [`create table "${'ü'.repeat(32)}" (a text)`, 'identifier-too-long'],
  ["alter type mood add value 'great'", 'require-enum-value-ordering'],
  [`${timeouts} alter table t add column a mood`, 'unknown-type?'],
  [`${timeouts} create type mood as enum ('a'); alter table t add column b mood`, ''],
  ['do $$ begin end $$', 'opaque-code?'],
  ['create table t (a text, b text, c text, d text); create index i on t (a, b, c, d)', 'index-too-many-columns'],
])('form: %s: %s', async (sql, expected) => {
  expect(await rulesOf(sql, { form: true })).toBe(expected)
})

test('without a transaction, a second run would stop at what is there', async () => {
  const sql = 'create index concurrently i on accounts (email); select 1'
  expect(await rulesOf(sql, { schema, form: true, ...outside })).toBe('prefer-robust-stmts')
  expect(await rulesOf('create index concurrently i on accounts (email)', { schema, form: true, ...outside })).toBe('')
})
