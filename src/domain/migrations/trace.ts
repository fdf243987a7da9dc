import type { SchemaChange } from './schema-items'

/** PostgreSQL's table locks from the weakest to the strongest. */
export const lockModes = [
  'AccessShare',
  'RowShare',
  'RowExclusive',
  'ShareUpdateExclusive',
  'Share',
  'ShareRowExclusive',
  'Exclusive',
  'AccessExclusive',
] as const
export type LockMode = (typeof lockModes)[number]

export interface TableLock {
  /** `table`, or `schema.table` outside of public */
  relation: string
  mode: LockMode
}

/** What one statement of a migration really did on a copy; only tables that existed before count. */
export interface TracedStatement {
  sql: string
  /** the node of PostgreSQL's parse tree, such as `AlterTableStmt`; empty where it can't be parsed */
  kind: string
  /** counts the transactions of a file, from 1; the statements of one share their locks */
  transaction: number
  /** can't run in a transaction block */
  outsideTransaction: boolean
  /** locks that the transaction did not hold before this statement */
  locks: TableLock[]
  /** every lock that the transaction held when the statement ended */
  held: TableLock[]
  /** tables that got a new file: every row was written anew, or none is left */
  rewritten: string[]
  /** indexes that got a new file under their old name */
  rebuilt: string[]
  /** tables that were read from one end to the other, with how often */
  scanned: string[]
  changes: SchemaChange
  /** deletes or overwrites rows without a condition */
  everyRow?: boolean
  error?: { code: string; message: string }
}

const strength = (mode: LockMode): number => lockModes.indexOf(mode)

/** From this lock on writers wait. */
export const blocksWrites = (mode: LockMode): boolean => strength(mode) >= strength('Share')

/** The strongest lock on a table among these; undefined when there is none. */
export function strongestOn(relation: string, locks: readonly TableLock[]): LockMode | undefined {
  return locks
    .filter((lock) => lock.relation === relation)
    .map(({ mode }) => mode)
    .sort((a, b) => strength(b) - strength(a))[0]
}
