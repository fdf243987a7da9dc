import type { Backfill, BackfillChange } from './backfill'
import type { KeyColumn, SqlDialect } from './backfill-dialect'

/** The key of one row, column by column, as text. */
export type Key = readonly string[]
/** Without values: for the types alone. */
type AnyKey = readonly (string | null)[]

/** Rows of a table in the order of a key, on one kind of server. */
export interface Keyed {
  dialect: SqlDialect
  backfill: Backfill
  columns: readonly KeyColumn[]
  /** of the key, where it must be named */
  index?: string | undefined
}

export interface KeyRange {
  /** null at the beginning of the table */
  after: AnyKey | null
  upto: AnyKey
}

/** `table` or `schema.table`, each part quoted. */
export function quotedTable({ quoted }: SqlDialect, table: string): string {
  const dot = table.indexOf('.')
  return dot < 0 ? quoted(table) : `${quoted(table.slice(0, dot))}.${quoted(table.slice(dot + 1))}`
}

/** Where `{range}` or `{range t}` stands in a statement. */
export const rangeMark = /\{range(?:\s+([A-Za-z_][A-Za-z0-9_$]*))?\}/g

/** The proof that is declared, or the one that a change by columns means. */
export function proofOf(dialect: SqlDialect, { table, change, proof }: Backfill): string {
  if (proof !== undefined) return proof
  if (change.kind === 'statement') throw new Error('a backfill by a statement has no proof')
  return `select 1 from ${quotedTable(dialect, table)} where ${own(change.where)} limit 1`
}

/** The key of the last of exactly `rows` rows behind `after`; no row where there are fewer. */
export const boundary = (keyed: Keyed, after: AnyKey | null, rows: number): string =>
  `${keysOf(keyed, after)} order by ${names(keyed).join(', ')} limit 1 offset ${Math.round(rows) - 1}`

/** The key of the last row of the table; no row where there is none behind `after`. */
export const lastKey = (keyed: Keyed, after: AnyKey | null): string =>
  `${keysOf(keyed, after)} order by ${names(keyed)
    .map((name) => `${name} desc`)
    .join(', ')} limit 1`

/** How many rows a range has. */
export const countRows = (keyed: Keyed, range: KeyRange): string =>
  `select count(*) as rows_seen from ${from(keyed)} where ${within(keyed, range)}`

/** The key of the first row of a range for which `where` holds. */
export const firstLeft = (keyed: Keyed, range: KeyRange, where: string): string =>
  `select ${texts(keyed)} from ${from(keyed)} where ${within(keyed, range)} and ${own(where)} order by ${names(keyed).join(', ')} limit 1`

/** How many there are. */
export const countLeft = (keyed: Keyed, range: KeyRange, where: string): string =>
  `${countRows(keyed, range)} and ${own(where)}`

/** Changes the rows of a range: an update, or the operator's own statement with the range at its marks. */
export function change(keyed: Keyed, range: KeyRange): string {
  const { backfill, dialect } = keyed
  const { change: declared } = backfill
  if (declared.kind === 'statement')
    return declared.statement.replace(rangeMark, (_mark, alias?: string) => `(${within(keyed, range, alias)})`)
  return (
    `update ${from(keyed)} set ${assigned(dialect, declared)} ` +
    `where (${within(keyed, range)}) and ${own(declared.where)}`
  )
}

/** The same update, answered with how many rows were `changed`, and of how many `where` is `still` true. */
export const changeAndLook = (keyed: Keyed, range: KeyRange, where: string): string =>
  `with changed as (${change(keyed, range)} returning ${own(where)} as still) ` +
  `select count(*)::int as changed, (count(*) filter (where still))::int as still from changed`

const assigned = ({ quoted }: SqlDialect, { set }: Extract<BackfillChange, { kind: 'set' }>): string =>
  Object.entries(set)
    .map(([column, expression]) => `${quoted(column)} = ${own(expression)}`)
    .join(', ')

const from = ({ dialect, backfill, index }: Keyed): string =>
  quotedTable(dialect, backfill.table) + (index === undefined ? '' : dialect.hint(index))

const keysOf = (keyed: Keyed, after: AnyKey | null): string =>
  `select ${texts(keyed)} from ${from(keyed)}${after ? ` where ${compared(keyed, '>', after)}` : ''}`

const texts = ({ dialect, columns }: Keyed): string =>
  columns.map((column, position) => `${dialect.text(column)} as k${position}`).join(', ')

const within = (keyed: Keyed, { after, upto }: KeyRange, alias?: string): string =>
  `${after ? `${compared(keyed, '>', after, alias)} and ` : ''}${compared(keyed, '<=', upto, alias)}`

const compared = (keyed: Keyed, operator: '>' | '<=', key: AnyKey, alias?: string): string =>
  keyed.dialect.compare(
    names(keyed, alias),
    operator,
    keyed.columns.map((column, position) => keyed.dialect.value(column, key[position] ?? null)),
  )

const names = ({ dialect, columns }: Keyed, alias?: string): string[] =>
  columns.map(({ name }) => (alias === undefined ? '' : `${alias}.`) + dialect.quoted(name))

/** The operator's own SQL; on lines of its own, so that a comment at its end doesn't swallow what follows. */
const own = (sql: string): string => `(\n${sql}\n)`
