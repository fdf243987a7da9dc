import { mayWriteRows, sentStatement } from '../../../src/domain/migrations/sent-statement'

const said = (sql: string): string =>
  Object.entries(sentStatement(sql))
    .filter(([, is]) => is)
    .map(([name]) => name)
    .join(' ')

test.each([
  ['BEGIN;', 'isControl'],
  ['COMMIT;', 'isControl'],
  ['ROLLBACK', 'isControl'],
  ['start transaction', 'isControl'],
  ['begin; alter table t add x int', ''],
  ['ROLLBACK TO SAVEPOINT trx2', ''],
  ['alter table t add x int', 'changesSchema'],
  ['-- why\nalter table t add x int', 'changesSchema'],
  ['/* why */ create table t (id int)', 'changesSchema'],
  ['create index concurrently i on t (x)', 'changesSchema isGentle'],
  ['alter table t validate constraint c', 'changesSchema isGentle'],
  ['insert into t values (1)', 'writesRows'],
  ['with gone as (delete from t returning *) select 1', 'writesRows'],
  ['do $$ begin end $$', 'writesRows'],
  ['select count(*) from t', ''],
  ['select * into t2 from t', 'writesRows'],
  [`set local statement_timeout = '1min'`, 'setsTimeout'],
  [`select set_config('search_path', 'a', true)`, ''],
])('%s', (sql, expected) => expect(said(sql)).toBe(expected))

test.each([
  ['exports.up = (knex) => knex.schema.alterTable("t", (t) => t.string("x"))', false],
  ['exports.up = (knex) => knex("t").update({ x: 1 })', true],
  ['exports.up = (knex) => knex.batchInsert("t", rows)', true],
  ['create index concurrently i on t (x);', false],
  ['create index i on t (x); update t set x = 1;', true],
])('%s may write rows: %s', (text, may) => expect(mayWriteRows(text)).toBe(may))
