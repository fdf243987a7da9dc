import type { Backfill, BackfillChange } from './backfill'

/** A column of the key with its type as PostgreSQL writes it: `bigint`, `uuid`, `character varying(36)`. */
export interface KeyColumn {
  name: string
  type: string
}

/** The key of one row, column by column, as text. */
export type Key = readonly string[]

export interface Statement {
  text: string
  values: (string | number)[]
}

/** An identifier, whatever is in it. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** `table` or `schema.table`, each part quoted. */
export function quotedTable(table: string): string {
  const dot = table.indexOf('.')
  return dot < 0 ? quoted(table) : `${quoted(table.slice(0, dot))}.${quoted(table.slice(dot + 1))}`
}

/** Where `{range}` or `{range t}` stands in a statement. */
export const rangeMark = /\{range(?:\s+([A-Za-z_][A-Za-z0-9_$]*))?\}/g

/** The proof that a change by columns means, unless another is declared. */
export const proofOf = (table: string, where: string): string =>
  `select 1 from ${quotedTable(table)} where ${own(where)} limit 1`

/** The key of the last of at most `rows` rows behind `after`, and how many there are; no row at the end of the table. */
export function boundary({ table }: Backfill, columns: readonly KeyColumn[], after: Key | null, rows: number) {
  const values: Statement['values'] = [rows]
  const names = columns.map(({ name }) => quoted(name)).join(', ')
  const behind = after ? ` where ${comparison(columns, '>', after, values)}` : ''
  const last = columns.map(({ name }) => `${quoted(name)} desc`).join(', ')
  const key = columns.map(({ name }) => `${quoted(name)}::text`).join(', ')
  return {
    text:
      `with batch as materialized (select ${names} from ${quotedTable(table)}${behind} order by ${names} limit $1::int) ` +
      `select (select count(*)::int from batch) as scanned, array[${key}] as upto from batch order by ${last} limit 1`,
    values,
  }
}

/**
 * Changes the rows behind `after` up to and including `upto`. A change by columns answers with one row: how many rows
 * were `changed`, and of how many `where` is `still` true, which would be changed again.
 */
export function change(
  { table, change: declared }: Backfill,
  columns: readonly KeyColumn[],
  { after, upto }: { after: Key | null; upto: Key },
): Statement {
  const values: Statement['values'] = []
  // The marks of one statement share their parameters, whatever alias they have.
  const lower = after ? parameters(columns, after, values) : undefined
  const upper = parameters(columns, upto, values)
  const range = (alias?: string): string => {
    const names = row(columns.map(({ name }) => (alias === undefined ? '' : `${alias}.`) + quoted(name)))
    return `(${lower ? `${names} > ${row(lower)} and ` : ''}${names} <= ${row(upper)})`
  }
  if (declared.kind === 'statement')
    return { text: declared.statement.replace(rangeMark, (_mark, alias?: string) => range(alias)), values }
  return { text: changeColumns(table, declared, range()), values }
}

function changeColumns(table: string, { set, where }: Extract<BackfillChange, { kind: 'set' }>, range: string): string {
  const assigned = Object.entries(set).map(([column, expression]) => `${quoted(column)} = ${own(expression)}`)
  return (
    `with changed as (update ${quotedTable(table)} set ${assigned.join(', ')} where ${range} and ${own(where)} ` +
    `returning ${own(where)} as still) ` +
    `select count(*)::int as changed, (count(*) filter (where still))::int as still from changed`
  )
}

function comparison(columns: readonly KeyColumn[], operator: '>' | '<=', key: Key, values: Statement['values']) {
  return `${row(columns.map(({ name }) => quoted(name)))} ${operator} ${row(parameters(columns, key, values))}`
}

function parameters(columns: readonly KeyColumn[], key: Key, values: Statement['values']): string[] {
  return columns.map(({ type }, index) => `$${values.push(key[index] ?? '')}::${type}`)
}

const row = (parts: readonly string[]): string => (parts.length === 1 ? `${parts[0]}` : `(${parts.join(', ')})`)

/** The operator's own SQL; on lines of its own, so that a comment at its end doesn't swallow what follows. */
const own = (sql: string): string => `(\n${sql}\n)`
