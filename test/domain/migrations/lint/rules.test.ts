import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ruleIds, rules } from '../../../../src/domain/migrations/lint/rules'
import { rulesOf } from './support'

const schema = `
  create type mood as enum ('sad', 'ok');
  create domain positive as int check (value > 0);
  create table owners (id bigint primary key, name text);
  create table accounts (
    id bigint primary key, email text, nick varchar(20), score int, owner bigint, seen timestamp, state mood,
    constraint owner_fk foreign key (owner) references owners, constraint score_ck check (score > 0));
  create index accounts_score on accounts (score);
  create index accounts_owner on accounts (owner);
  create unique index accounts_nick on accounts (nick);
  create table events (k int not null) partition by range (k);`

const outside = { transaction: 'none' } as const

describe('what is heavy', () => {
  test.each([
    ['create index i on accounts (email)', 'require-concurrent-index-creation'],
    ['create table t (a text); create index i on t (a)', ''],
    [
      'create table if not exists accounts (a text); create index i on accounts (a)',
      'require-concurrent-index-creation',
    ],
    ['drop index accounts_score', 'require-concurrent-index-deletion'],
    ['reindex (concurrently false) table accounts', 'require-concurrent-reindex'],
    ['alter table events detach partition events_1', 'require-concurrent-partition-detach'],
    ['create table e partition of events for values in (1)', 'create-partition-of'],
    ['alter table accounts add check (score < 9)', 'constraint-missing-not-valid'],
    ['alter table accounts add check (score < 9) not valid', ''],
    ['alter table accounts add column n int check (n > 0)', 'constraint-missing-not-valid'],
    ['alter table accounts add column n int check (n > 0) not enforced', ''],
    ['alter table accounts add foreign key (score) references owners', 'adding-foreign-key-constraint'],
    ['alter table accounts add column o bigint references owners', 'adding-foreign-key-constraint'],
    ['alter table accounts drop constraint owner_fk', 'drop-foreign-key'],
    ['alter table elsewhere drop constraint a_b_foreign', 'drop-foreign-key?'],
    ['alter table elsewhere drop constraint a_check', 'ban-drop-constraint?'],
    ['alter table accounts drop constraint score_ck', 'ban-drop-constraint'],
    ['alter table accounts add unique (email)', 'disallowed-unique-constraint'],
    ['alter table accounts add column h text unique', 'disallowed-unique-constraint'],
    ['alter table accounts add exclude (email with =)', 'adding-exclusion-constraint'],
    ['alter table accounts add primary key using index accounts_nick', 'primary-key-on-nullable-column'],
    ['alter table elsewhere add primary key using index i', 'primary-key-on-nullable-column?'],
    ['alter table accounts add column d timestamptz default clock_timestamp()', 'adding-field-with-default'],
    ['alter table accounts add column d text default our_own()', 'adding-field-with-default?'],
    ['alter table accounts add column d int default 10', ''],
    ['alter table accounts add column d positive', 'adding-constrained-domain-field'],
    ['alter table accounts add column d bigserial', 'add-serial-column'],
    ['alter table accounts alter column email set not null', 'adding-not-nullable-field'],
    ['alter table elsewhere alter column email set not null', 'adding-not-nullable-field?'],
    ['alter table accounts alter column id set not null', ''],
    ['alter table accounts add constraint c not null email', 'adding-not-nullable-field'],
    ['alter table accounts add constraint c not null email not valid', ''],
    ['alter table accounts alter column score type bigint', 'changing-column-type'],
    ['alter table accounts alter column nick type varchar(30)', ''],
    ['alter table accounts alter column nick type text using nick::text', ''],
    ['alter table accounts alter column nick type text using lower(nick)', 'changing-column-type'],
    ['alter table elsewhere alter column nick type text', 'changing-column-type?'],
    ['alter table accounts alter column seen type timestamptz', 'changing-column-type?'],
    ["set timezone = 'UTC'; alter table accounts alter column seen type timestamptz", ''],
    ['alter table accounts alter column email type text collate "C"', ''],
    ['drop trigger t on accounts', 'drop-trigger'],
    ['alter table accounts set unlogged', 'rewriting-table'],
    ['cluster accounts using accounts_score', 'rewriting-table'],
    ['refresh materialized view totals', 'require-concurrent-refresh'],
    ['update accounts set score = 0', 'update-without-where'],
    ['update accounts set score = 0 where id < 1000', ''],
    ['lock table accounts', 'explicit-lock'],
    ['alter domain positive add constraint c check (value < 9)', 'alter-domain-scan?'],
    [
      'alter table owners add column a text; alter table accounts alter column score type bigint',
      'changing-column-type rewrite-while-holding-lock',
    ],
  ])('%s: %s', async (sql, expected) => {
    expect((await rulesOf(sql, { schema })).split(' ').sort().join(' ')).toBe(expected)
  })

  test('older servers rewrite for a constant default, and read the table for SET NOT NULL whatever a CHECK proves', async () => {
    expect(await rulesOf('alter table accounts add column d int default 10', { schema, pgVersion: 10 })).toBe(
      'adding-field-with-default',
    )
    const proven = `${schema} alter table accounts add constraint c check (email is not null and score is not null);`
    const sql = 'alter table accounts alter column email set not null'
    expect(await rulesOf(sql, { schema: proven, pgVersion: 12 })).toBe('')
    expect(await rulesOf(sql, { schema: proven, pgVersion: 11 })).toBe('adding-not-nullable-field')
  })

  test('a CHECK proves NOT NULL only once it is validated, and of its own column', async () => {
    const check = 'alter table accounts add constraint c check (email is not null) not valid;'
    const validate = 'alter table accounts validate constraint c;'
    const set = 'alter table accounts alter column email set not null;'
    const drop = 'alter table accounts drop constraint c;'
    expect(await rulesOf(check + validate + set + drop, { schema, ...outside })).toBe('')
    expect(await rulesOf(check + set, { schema, ...outside })).toBe('adding-not-nullable-field')
    expect(await rulesOf(check + validate + set.replace('email', 'score'), { schema, ...outside })).toBe(
      'adding-not-nullable-field',
    )
    expect(await rulesOf(check + validate, { schema })).toBe('validate-same-transaction')
  })
})

describe('what fails', () => {
  test.each([
    ['create index concurrently i on accounts (email)', 'ban-concurrent-index-creation-in-transaction'],
    ['begin; create index concurrently i on accounts (email); commit', 'ban-concurrent-index-creation-in-transaction'],
    ['-- refit:no-transaction\ncreate index concurrently i on accounts (email)', ''],
    ['drop index concurrently accounts_score', 'ban-concurrent-index-creation-in-transaction'],
    ['reindex index concurrently accounts_score', 'ban-concurrent-index-creation-in-transaction'],
    ['-- refit:no-transaction\ncreate index concurrently i on events (k)', 'concurrent-index-on-partitioned-table'],
    ['create index i on only events (k)', ''],
    ['vacuum accounts', 'needs-no-transaction'],
    ["alter system set work_mem = '1GB'", 'needs-no-transaction'],
    ['alter table events detach partition e concurrently', 'needs-no-transaction'],
    [
      "alter type mood add value 'great' after 'ok'; update accounts set state = 'great' where id = 1",
      'enum-value-used-in-same-transaction?',
    ],
    ["create type tone as enum ('a'); alter type tone add value 'b' after 'a'; select 'b'::tone", ''],
    ['alter table accounts add column n int not null', 'adding-required-field'],
    ['alter table accounts add column n int not null default null', 'adding-required-field'],
    ['update accounts set score = 1, score = 2 where id = 1', 'ban-duplicate-column-assignments'],
  ])('%s: %s', async (sql, expected) => {
    expect(await rulesOf(sql, { schema })).toBe(expected)
  })
})

describe('what breaks the running version or is gone for good', () => {
  test.each([
    ['alter table accounts rename column nick to handle', 'renaming-column'],
    ['alter table accounts rename to users', 'renaming-table'],
    ['create table t (a int); alter table t rename to u', ''],
    ['alter table accounts set schema elsewhere', 'renaming-table'],
    ['alter schema public rename to old', 'renaming-schema'],
    ["alter type mood rename value 'ok' to 'fine'", 'renaming-enum-value'],
    ['alter view v rename to w', 'renaming-object'],
    ['alter table accounts alter column id drop not null', 'ban-drop-not-null'],
    ['drop view v', 'ban-drop-object'],
    ['alter table accounts drop column nick', 'ban-drop-column'],
    ['alter table accounts add column x text; alter table accounts drop column x', ''],
    ['drop table accounts', 'ban-drop-table'],
    ['create table t (a int); drop table t', ''],
    ['drop table accounts; create table accounts (id int)', 'ban-drop-table create-table-force'],
    ['drop schema s', 'ban-drop-schema'],
    ['truncate accounts', 'ban-truncate'],
    ['truncate accounts cascade', 'ban-truncate-cascade'],
    ['delete from accounts', 'delete-without-where'],
  ])('%s: %s', async (sql, expected) => {
    expect(await rulesOf(sql, { schema })).toBe(expected)
  })

  test('in contract, what is gone for good may go, but a rename still breaks', async () => {
    expect(await rulesOf('drop table accounts; alter table owners rename to o', { schema, isContract: true })).toBe(
      'renaming-table',
    )
  })
})

test('docs/migrations-lint.md has the table of the rules', () => {
  const file = join(__dirname, '../../../../docs/migrations-lint.md')
  const [, page = ''] = readFileSync(file, 'utf8').split('\n## Rules\n')
  const rows = page.split('\n').filter((line) => line.startsWith('| `'))
  expect(rows).toEqual(
    ruleIds.map((id) => `| \`${id}\` | ${rules[id].severity} | ${rules[id].why} | ${rules[id].safe} |`),
  )
})
