import { type Backfill, backfillText, backfillTitle, defaultPauseLimits } from '../../../src/domain/migrations/backfill'
import { isKeyType, mysql, postgresql } from '../../../src/domain/migrations/backfill-dialect'
import {
  boundary,
  change,
  type Keyed,
  lastKey,
  proofOf,
  quotedTable,
} from '../../../src/domain/migrations/backfill-sql'

const backfill: Backfill = {
  ...{ table: 'hub.transfer', key: ['id'], proof: 'select 1', pauseWhile: defaultPauseLimits },
  change: { kind: 'set', set: { quote_id: "'q' -- why", 'Fee"': '0' }, where: 'quote_id is null' },
}
const onPostgres: Keyed = { dialect: postgresql, backfill, columns: [{ name: 'id', type: 'bigint' }] }
const composite: Keyed = {
  ...onPostgres,
  columns: [
    { name: 'payer', type: 'text' },
    { name: 'Seq', type: 'integer' },
  ],
}
const onMysql: Keyed = {
  ...{ dialect: mysql, backfill, index: 'PRIMARY' },
  columns: [
    { name: 'payer', type: 'varchar(9)', charset: 'latin1', collation: 'latin1_swedish_ci' },
    { name: 'Seq', type: 'int(11) unsigned' },
  ],
}

test.each([
  ['id', '"id"', '`id`'],
  ['Seq', '"Seq"', '`Seq`'],
  ['a"; drop table x; --', '"a""; drop table x; --"', '`a"; drop table x; --`'],
  ['a`b', '"a`b"', '`a``b`'],
])('the identifier %s', (name, postgres, maria) => {
  expect(postgresql.quoted(name)).toBe(postgres)
  expect(mysql.quoted(name)).toBe(maria)
})

test.each([
  ['transfer', '"transfer"'],
  ['hub.Transfer', '"hub"."Transfer"'],
  ['a"."b', '"a"""."""b"'],
])('the table %s', (table, sql) => expect(quotedTable(postgresql, table)).toBe(sql))

test.each([
  ["it's", "'it''s'", "_utf8mb4 x'69742773'"],
  ["a\\'", "E'a\\\\'''", "_utf8mb4 x'615c27'"],
  ['é', "'é'", "_utf8mb4 x'c3a9'"],
])('the text %s', (text, postgres, maria) => {
  expect(postgresql.literal(text)).toBe(postgres)
  expect(mysql.literal(text)).toBe(maria)
})

test('the range of a batch, from the beginning and behind a key', () => {
  expect(boundary(onPostgres, null, 500)).toBe(
    'select "id"::text as k0 from "hub"."transfer" order by "id" limit 1 offset 499',
  )
  expect(boundary(composite, ['a', '7'], 500)).toBe(
    `select "payer"::text as k0, "Seq"::text as k1 from "hub"."transfer" ` +
      `where ("payer", "Seq") > ('a'::text, '7'::integer) order by "payer", "Seq" limit 1 offset 499`,
  )
  expect(lastKey(composite, null)).toContain('order by "payer" desc, "Seq" desc limit 1')
})

test('on MariaDB the comparison is spelled out, texts have the collation of their column, and the index is named', () => {
  const a = "convert(_utf8mb4 x'61' using latin1) collate latin1_swedish_ci"
  expect(boundary(onMysql, ['a', '7'], 500)).toBe(
    'select convert(`payer` using utf8mb4) as k0, cast(`Seq` as char) as k1 from `hub`.`transfer` force index (`PRIMARY`) ' +
      `where (\`payer\` > ${a} or (\`payer\` = ${a} and \`Seq\` > 7)) order by \`payer\`, \`Seq\` limit 1 offset 499`,
  )
  expect(change(onMysql, { after: null, upto: [null, null] })).toContain(
    'where ((`payer` < null or (`payer` = null and `Seq` <= null))) and',
  )
})

test.each([
  ['bigint(20)', '7 or 1=1'],
  ['binary(16)', 'zz'],
  ['datetime(6)', "2026-01-01' or ''='"],
  ['uuid', "'"],
])('a key of type %s that is none is never written into a statement', (type, text) =>
  expect(() => mysql.value({ name: 'id', type }, text)).toThrow('not of the form'),
)

test.each([
  ['bigint(20) unsigned', true],
  ['decimal(18,4)', true],
  ['char(36)', true],
  ['varbinary(16)', true],
  ['uuid', true],
  ['datetime(6)', true],
  ['timestamp', true],
  ['double', false],
  ["enum('a')", false],
  ['json', false],
  ['bit(8)', false],
  ['longtext', false],
])('whether %s can be a key', (type, can) => expect(isKeyType(type)).toBe(can))

test('a change by columns quotes names and leaves expressions as they are, on lines of their own', () => {
  const text = change(onPostgres, { after: ['4'], upto: ['9'] })
  expect(text).toContain(`set "quote_id" = (\n'q' -- why\n), "Fee""" = (\n0\n)`)
  expect(text).toContain(`where ("id" > '4'::bigint and "id" <= '9'::bigint) and (\nquote_id is null\n)`)
  expect(change(onPostgres, { after: null, upto: ['9'] })).toContain(`where ("id" <= '9'::bigint) and`)
})

test('a statement gets its range at each mark', () => {
  const statement = "update transfer t set a = '$&' from quote where {range t} and exists (select 1 where {range})"
  const keyed = { ...composite, backfill: { ...backfill, change: { kind: 'statement' as const, statement } } }
  expect(change(keyed, { after: ['a', '1'], upto: ['$&', '2'] })).toBe(
    `update transfer t set a = '$&' from quote where ((t."payer", t."Seq") > ('a'::text, '1'::integer) and (t."payer", t."Seq") <= ('$&'::text, '2'::integer))` +
      ` and exists (select 1 where (("payer", "Seq") > ('a'::text, '1'::integer) and ("payer", "Seq") <= ('$&'::text, '2'::integer)))`,
  )
})

test('the proof that where means', () => {
  const byDefault = { ...backfill, proof: undefined }
  expect(proofOf(postgresql, byDefault)).toBe('select 1 from "hub"."transfer" where (\nquote_id is null\n) limit 1')
  expect(proofOf(mysql, byDefault)).toContain('from `hub`.`transfer`')
  expect(proofOf(mysql, backfill)).toBe('select 1')
  const change = { kind: 'statement' as const, statement: 'x' }
  expect(() => proofOf(mysql, { ...byDefault, change })).toThrow('no proof')
  // Checkpoints that are there already stay valid.
  expect(JSON.parse(backfillText(byDefault))).toMatchObject({ proof: proofOf(postgresql, byDefault) })
})

test('a checkpoint belongs to rows and change, not to the limits of pauses', () => {
  const patient = { ...backfill, pauseWhile: { ...defaultPauseLimits, blockedMs: 1 } }
  expect(backfillText(patient)).toBe(backfillText(backfill))
  for (const other of [
    { table: 'x' },
    { key: ['x'] },
    { proof: 'x' },
    { change: { kind: 'statement' as const, statement: 'x' } },
  ])
    expect(backfillText({ ...backfill, ...other })).not.toBe(backfillText(backfill))
  expect(backfillTitle(backfill)).toBe('hub.transfer (quote_id, Fee")')
})
