import { schemaChange, type SchemaItem } from './schema-items'

/** A rule of the schema that rows may break which were written before it was there. */
export interface Tightening {
  kind: 'not-null' | 'type' | 'constraint' | 'unique-index'
  /** `schema.table`, without the schema where it is public */
  table: string
  /** of the column, the constraint or the index */
  name: string
  columns: string[]
  /** the type, or PostgreSQL's own text of the constraint or the index */
  definition: string
}

/**
 * What became stricter between two states of a schema for tables and columns that `existed`: a NOT NULL, a type into which
 * old values may not fit, a constraint that is checked against all rows, a unique index.
 */
export function tightenings(
  before: readonly SchemaItem[],
  after: readonly SchemaItem[],
  existed: (kind: string, name: string) => boolean,
): Tightening[] {
  const { added, changed } = schemaChange(before, after)
  const isOld = ({ table, columns = [] }: SchemaItem): boolean =>
    table !== undefined &&
    existed('table', table) &&
    // An expression tells none.
    columns.every((column) => existed('column', `${table}.${column}`))
  const unchecked = new Set(after.flatMap((item) => (isUncheckedNotNull(item) ? [keyOf(item)] : [])))
  const columns = changed.flatMap(({ before: was, after: now }) =>
    now.kind === 'column' && isOld(now) ? ofColumn(was, now, unchecked) : [],
  )
  const checked = [
    ...added.filter(({ kind }) => kind === 'constraint'),
    ...changed.flatMap(({ after: now }) => (now.kind === 'constraint' ? [now] : [])),
  ].filter((item) => isOld(item) && !/ NOT VALID$/.test(item.text))
  const validated = schemaChange(before, after).removed.filter(
    (item) => isUncheckedNotNull(item) && isOld(item) && after.some((now) => isRequired(now, item)),
  )
  const indexes = added.filter(
    (item) =>
      item.kind === 'index' &&
      item.text.includes('CREATE UNIQUE INDEX') &&
      isOld(item) &&
      !added.some(({ kind, name }) => kind === 'constraint' && name === item.name) &&
      !before.some((was) => was.kind === 'constraint' && was.name === item.name),
  )
  return [
    ...columns,
    ...validated.map((item) => notNull(item)),
    ...checked.map((item) => of('constraint', item)),
    ...indexes.map((item) => of('unique-index', item)),
  ]
}

function ofColumn(was: SchemaItem, now: SchemaItem, unchecked: ReadonlySet<string>): Tightening[] {
  const became = !was.text.includes(' not null') && now.text.includes(' not null') && !unchecked.has(keyOf(now))
  const type = typeOf(now)
  return [
    ...(became ? [notNull(now)] : []),
    ...(narrows(typeOf(was), type) ? [{ ...of('type', now), definition: type }] : []),
  ]
}

const of = (kind: Tightening['kind'], { table = '', name, columns = [], text }: SchemaItem): Tightening => ({
  kind,
  table,
  name: kind === 'type' ? (columns[0] ?? name) : name,
  columns,
  definition: text,
})

const notNull = ({ table = '', columns = [] }: SchemaItem): Tightening => ({
  kind: 'not-null',
  table,
  name: columns[0] ?? '',
  columns,
  definition: 'NOT NULL',
})

/** PostgreSQL 18 keeps NOT NULL as a constraint, which may wait to be checked. */
const isUncheckedNotNull = ({ kind, text }: SchemaItem): boolean =>
  kind === 'constraint' && /^NOT NULL .* NOT VALID$/.test(text)

const isRequired = (now: SchemaItem, { table, columns }: SchemaItem): boolean =>
  now.kind === 'column' && now.table === table && now.columns?.[0] === columns?.[0] && now.text.includes(' not null')

const keyOf = ({ table, columns = [] }: SchemaItem): string => `${table} ${columns[0]}`

const typeOf = ({ text }: SchemaItem): string => text.split(' |')[0] ?? text

const widths: Readonly<Record<string, number>> = { smallint: 1, integer: 2, bigint: 3, numeric: 4 }

/** Whether a value of the old type may not fit the new one. */
function narrows(was: string, now: string): boolean {
  if (was === now || now === 'text' || now === 'character varying') return false
  const [from, to] = [parsed(was), parsed(now)]
  if (from.name === to.name && from.sizes.length > 0) return to.sizes.length > 0 && !fits(from.sizes, to.sizes)
  if (to.sizes.length === 0 && (widths[from.name] ?? 9) < (widths[to.name] ?? 0)) return false
  return true
}

/** `numeric(10,2)` has room for 8 digits before the point; a length has one number. */
function fits([size = 0, scale = 0]: number[], [newSize = 0, newScale = 0]: number[]): boolean {
  return newSize - newScale >= size - scale && newScale >= scale
}

function parsed(type: string): { name: string; sizes: number[] } {
  const [, sizes = ''] = /\(([\d,]+)\)/.exec(type) ?? []
  return { name: type.replace(/\(.*?\)/, ''), sizes: sizes === '' ? [] : sizes.split(',').map(Number) }
}
