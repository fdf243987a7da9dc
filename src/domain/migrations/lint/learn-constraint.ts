import type { Constraint, Node } from 'libpg-query'
import { type Catalog, columnOf, type ConstraintKind, type KnownConstraint, tableOf } from './catalog'
import { all, as, tableName, texts } from './tree'

const kinds: Partial<Record<string, ConstraintKind>> = {
  CONSTR_CHECK: 'check',
  CONSTR_FOREIGN: 'foreign',
  CONSTR_UNIQUE: 'unique',
  CONSTR_PRIMARY: 'primary',
  CONSTR_EXCLUSION: 'exclude',
  CONSTR_NOTNULL: 'not-null',
}
const suffixes: Record<ConstraintKind, string> = {
  check: 'check',
  foreign: 'fkey',
  unique: 'key',
  primary: 'pkey',
  exclude: 'excl',
  'not-null': 'not_null',
}

/** What kind of constraint it is; undefined for DEFAULT, GENERATED and the like. */
export const constraintKind = ({ contype }: Constraint): ConstraintKind | undefined => kinds[contype ?? '']

/** The constraint's columns; those of the index that it takes over, where that one is known. */
export function constraintColumns(catalog: Catalog, constraint: Constraint, column?: string): string[] {
  if (constraint.indexname !== undefined) return catalog.indexes.get(constraint.indexname)?.columns ?? []
  if (column !== undefined) return [column]
  const excluded = all(constraint.exclusions, 'List').flatMap(
    ({ items }) => all(items, 'IndexElem').flatMap(({ name }) => name ?? []) ?? [],
  )
  return [...texts(constraint.keys), ...texts(constraint.fk_attrs), ...excluded]
}

/** The name that PostgreSQL gives where the file gives none. */
export function constraintName(
  { conname }: Constraint,
  table: string,
  kind: ConstraintKind,
  columns: readonly string[],
): string {
  const own = table.split('.').at(-1) ?? table
  return conname ?? [own, ...(kind === 'primary' ? [] : columns), suffixes[kind]].join('_')
}

/** Adds the constraint to what is known; returns its name. */
export function learnConstraint(
  catalog: Catalog,
  table: string,
  constraint: Constraint,
  column?: string,
): string | undefined {
  const kind = constraintKind(constraint)
  if (!kind) return undefined
  const columns = constraintColumns(catalog, constraint, column)
  const name = constraintName(constraint, table, kind, columns)
  const known = tableOf(catalog, table)
  const isValid = constraint.skip_validation !== true && constraint.is_enforced !== false
  const partner = tableName(constraint.pktable)
  const added: KnownConstraint = {
    kind,
    isValid: isValid || kind === 'unique' || kind === 'primary' || kind === 'exclude',
    columns,
    proves: kind === 'check' ? provenBy(constraint.raw_expr) : kind === 'not-null' ? columns : [],
    ...(partner ? { partner } : {}),
  }
  known.constraints.set(name, added)
  if (kind === 'primary' || (kind === 'not-null' && isValid))
    for (const each of columns) columnOf(known, each).isNotNull = true
  return name
}

/** Columns that a CHECK proves to be NOT NULL, as the server understands it: tests joined by AND. */
function provenBy(expression: Node | undefined): string[] {
  const both = as(expression, 'BoolExpr')
  if (both?.boolop === 'AND_EXPR') return (both.args ?? []).flatMap(provenBy)
  const test = as(expression, 'NullTest')
  const name = test?.nulltesttype === 'IS_NOT_NULL' ? texts(as(test.arg, 'ColumnRef')?.fields).at(-1) : undefined
  return name === undefined ? [] : [name]
}
