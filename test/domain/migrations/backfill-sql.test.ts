import { type Backfill, backfillText, backfillTitle, defaultPauseLimits } from '../../../src/domain/migrations/backfill'
import { boundary, change, proofOf, quoted, quotedTable } from '../../../src/domain/migrations/backfill-sql'

const columns = [{ name: 'id', type: 'bigint' }]
const composite = [
  { name: 'payer', type: 'text' },
  { name: 'Seq', type: 'integer' },
]
const backfill: Backfill = {
  ...{ table: 'hub.transfer', key: ['id'], proof: 'select 1', pauseWhile: defaultPauseLimits },
  change: { kind: 'set', set: { quote_id: "'q' -- why", 'Fee"': '0' }, where: 'quote_id is null' },
}

test.each([
  ['id', '"id"'],
  ['Seq', '"Seq"'],
  ['a"; drop table x; --', '"a""; drop table x; --"'],
])('the identifier %s', (name, sql) => expect(quoted(name)).toBe(sql))

test.each([
  ['transfer', '"transfer"'],
  ['hub.Transfer', '"hub"."Transfer"'],
  ['a"."b', '"a"""."""b"'],
])('the table %s', (table, sql) => expect(quotedTable(table)).toBe(sql))

test('the range of a batch, from the beginning and behind a key', () => {
  const first = boundary(backfill, columns, null, 500)
  expect(first.text).toContain('select "id" from "hub"."transfer" order by "id" limit $1::int')
  expect(first.values).toEqual([500])
  const next = boundary(backfill, composite, ['a', '7'], 500)
  expect(next.text).toContain('where ("payer", "Seq") > ($2::text, $3::integer) order by "payer", "Seq" limit $1::int')
  expect(next.text).toContain('array["payer"::text, "Seq"::text]')
  expect(next.values).toEqual([500, 'a', '7'])
})

test('a change by columns quotes names and leaves expressions as they are, on lines of their own', () => {
  const { text, values } = change(backfill, columns, { after: ['4'], upto: ['9'] })
  expect(text).toContain(`set "quote_id" = (\n'q' -- why\n), "Fee""" = (\n0\n)`)
  expect(text).toContain('where ("id" > $1::bigint and "id" <= $2::bigint) and (\nquote_id is null\n)')
  expect(values).toEqual(['4', '9'])
  expect(change(backfill, columns, { after: null, upto: ['9'] }).text).toContain('where ("id" <= $1::bigint) and')
})

test('a statement gets its range at each mark, with the same parameters', () => {
  const statement = "update transfer t set a = '$&' from quote where {range t} and exists (select 1 where {range})"
  const { text, values } = change({ ...backfill, change: { kind: 'statement', statement } }, composite, {
    after: ['a', '1'],
    upto: ['b', '2'],
  })
  expect(text).toBe(
    `update transfer t set a = '$&' from quote where ((t."payer", t."Seq") > ($1::text, $2::integer) and (t."payer", t."Seq") <= ($3::text, $4::integer))` +
      ' and exists (select 1 where (("payer", "Seq") > ($1::text, $2::integer) and ("payer", "Seq") <= ($3::text, $4::integer)))',
  )
  expect(values).toEqual(['a', '1', 'b', '2'])
})

test('the proof that where means', () =>
  expect(proofOf('hub.transfer', 'x is null')).toBe('select 1 from "hub"."transfer" where (\nx is null\n) limit 1'))

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
