import type { SchemaItem } from '../../../src/domain/migrations/schema-items'
import { tightenings } from '../../../src/domain/migrations/tightening'

const column = (text: string, name = 'state', table = 'transfer'): SchemaItem => ({
  kind: 'column',
  name: `${table}.${name}`,
  table,
  columns: [name],
  text,
})
const constraint = (text: string, columns = ['state'], name = 'k'): SchemaItem => ({
  kind: 'constraint',
  name,
  table: 'transfer',
  columns,
  text,
})
const index = (text: string, columns: string[] | undefined = ['state'], name = 'i'): SchemaItem => ({
  kind: 'index',
  name,
  table: 'transfer',
  ...(columns ? { columns } : {}),
  text,
})
const known = ['table transfer', 'column transfer.state']
const existed = (kind: string, name: string): boolean => known.includes(`${kind} ${name}`)
const kinds = (before: SchemaItem[], after: SchemaItem[]) =>
  tightenings(before, after, existed).map(({ kind, name }) => `${kind} ${name}`)

test.each<[string, SchemaItem[], SchemaItem[], string[]]>([
  ['NOT NULL', [column('text |')], [column('text | not null')], ['not-null state']],
  ['NOT NULL that was there', [column('text | not null')], [column("text | not null default 'x'")], []],
  ['a shorter text', [column('character varying(20) |')], [column('character varying(10) |')], ['type state']],
  ['a longer text', [column('character varying(20) |')], [column('character varying(30) |')], []],
  ['any text', [column('character varying(20) |')], [column('text |')], []],
  ['a wider integer', [column('integer |')], [column('bigint |')], []],
  ['a narrower integer', [column('bigint |')], [column('integer |')], ['type state']],
  ['fewer digits', [column('numeric(10,2) |')], [column('numeric(8,2) |')], ['type state']],
  ['more digits', [column('numeric(10,2) |')], [column('numeric(12,3) |')], []],
  ['no room before the point', [column('numeric(10,2) |')], [column('numeric(10,4) |')], ['type state']],
  ['without limit', [column('numeric(10,2) |')], [column('numeric |')], []],
  ['another type', [column('text |')], [column('uuid |')], ['type state']],
  ['a constraint', [], [constraint("CHECK ((state <> ''::text))")], ['constraint k']],
  ['one that waits', [], [constraint("CHECK ((state <> ''::text)) NOT VALID")], []],
  ['its validation', [constraint('CHECK (a) NOT VALID')], [constraint('CHECK (a)')], ['constraint k']],
  ['a unique index', [], [index('CREATE UNIQUE INDEX i ON public.transfer USING btree (state)')], ['unique-index i']],
  [
    'one of an expression',
    [],
    [index('CREATE UNIQUE INDEX i ON x USING btree (lower(state))', undefined)],
    ['unique-index i'],
  ],
  ['another index', [], [index('CREATE INDEX i ON public.transfer USING btree (state)')], []],
  [
    'a constraint and its index',
    [],
    [index('CREATE UNIQUE INDEX k', ['state'], 'k'), constraint('UNIQUE (state)')],
    ['constraint k'],
  ],
  ['a column that the phase made', [column('text |', 'new')], [column('text | not null', 'new')], []],
  ['a constraint on it', [], [constraint('UNIQUE (new)', ['new'])], []],
  ['a table that the phase made', [column('text |', 'a', 'x')], [column('text | not null', 'a', 'x')], []],
])('%s', (_, before, after, expected) => {
  expect(kinds(before, after)).toEqual(expected)
})

test('a NOT NULL of PostgreSQL 18 that waits to be checked counts when it is', () => {
  const waits = constraint('NOT NULL state NOT VALID', ['state'], 'transfer_state_not_null')
  const required = column('text | not null')
  expect(kinds([column('text |')], [required, waits])).toEqual([])
  expect(kinds([required, waits], [required])).toEqual(['not-null state'])
  expect(kinds([required, waits], [column('text |')])).toEqual([])
})
