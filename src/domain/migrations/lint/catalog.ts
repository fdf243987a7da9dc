import type { ColumnType } from './tree'

export interface Column {
  type?: ColumnType
  isNotNull: boolean
}

export type ConstraintKind = 'check' | 'foreign' | 'unique' | 'primary' | 'exclude' | 'not-null'

export interface KnownConstraint {
  kind: ConstraintKind
  isValid: boolean
  columns: string[]
  /** columns that it proves to be NOT NULL once it is valid */
  proves: string[]
  /** the table that a foreign key points to */
  partner?: string
}

export interface Table {
  columns: Map<string, Column>
  constraints: Map<string, KnownConstraint>
  /** its CREATE TABLE was read, so what isn't here doesn't exist */
  isComplete: boolean
  isPartitioned: boolean
}

export interface KnownIndex {
  table: string
  columns: string[]
}

/** What the files read so far tell of the schema. */
export interface Catalog {
  tables: Map<string, Table>
  indexes: Map<string, KnownIndex>
  /** types made here, and whether they are domains with a constraint */
  types: Map<string, boolean>
}

export const emptyCatalog = (): Catalog => ({ tables: new Map(), indexes: new Map(), types: new Map() })

/** The table, as one of which nothing is known where it wasn't created in a file that was read. */
export function tableOf(catalog: Catalog, name: string): Table {
  const known = catalog.tables.get(name)
  if (known) return known
  const table: Table = { columns: new Map(), constraints: new Map(), isComplete: false, isPartitioned: false }
  catalog.tables.set(name, table)
  return table
}

/** The column, as one of which nothing is known where it wasn't read. */
export function columnOf(table: Table, name: string): Column {
  const known = table.columns.get(name)
  if (known) return known
  const column: Column = { isNotNull: false }
  table.columns.set(name, column)
  return column
}

/** Whether an index, or a constraint that has one, covers the column. */
export const isIndexed = (catalog: Catalog, table: string, column: string): boolean =>
  [...catalog.indexes.values()].some((index) => index.table === table && index.columns.includes(column)) ||
  [...tableOf(catalog, table).constraints.values()].some(
    ({ kind, columns }) => ['unique', 'primary', 'exclude'].includes(kind) && columns.includes(column),
  )

/** Whether the first column of an index is this one. */
export const isLeading = (catalog: Catalog, table: string, column: string): boolean =>
  [...catalog.indexes.values()].some((index) => index.table === table && index.columns[0] === column) ||
  [...tableOf(catalog, table).constraints.values()].some(
    ({ kind, columns }) => ['unique', 'primary'].includes(kind) && columns[0] === column,
  )

/** Whether NULL is already impossible in the column. */
export const isProvenNotNull = (table: Table, column: string): boolean =>
  table.columns.get(column)?.isNotNull === true ||
  [...table.constraints.values()].some(({ isValid, proves }) => isValid && proves.includes(column))
