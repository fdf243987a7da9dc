import type { Node, RangeVar, TypeName } from 'libpg-query'

type Keys<N> = N extends unknown ? keyof N : never
/** The kinds of nodes of PostgreSQL's parse tree. */
export type Kind = Keys<Node>
export type Body<K extends Kind> = Extract<Node, Record<K, unknown>>[K]

/** The node's content when it is of this kind. */
export function as<K extends Kind>(node: Node | undefined, kind: K): Body<K> | undefined {
  return node === undefined ? undefined : (node as unknown as Partial<Record<K, Body<K>>>)[kind]
}

/** What kind a node is. */
export const kindOf = (node: Node): Kind | undefined => Object.keys(node)[0] as Kind | undefined

/** Those of a list that are of this kind. */
export const all = <K extends Kind>(nodes: Node[] | undefined, kind: K): Body<K>[] =>
  (nodes ?? []).flatMap((node) => as(node, kind) ?? [])

/** The texts of a list of names. */
export const texts = (nodes: Node[] | undefined): string[] => all(nodes, 'String').map(({ sval = '' }) => sval)

/** One name for what is written with and without `public`. */
export const qualified = (names: readonly string[]): string =>
  (names.length > 1 && names.at(-2) === 'public' ? names.slice(-1) : names.slice(-2)).join('.')

/** The table's name. */
export const tableName = (table: RangeVar | undefined): string =>
  table ? qualified([table.schemaname ?? '', table.relname ?? ''].filter(Boolean)) : ''

/** Names of a DROP: strings in lists, strings alone, or types. */
export function droppedName(node: Node): string[] {
  const list = as(node, 'List')
  if (list) return texts(list.items)
  const type = as(node, 'TypeName')
  if (type) return texts(type.names)
  const routine = as(node, 'ObjectWithArgs')
  return routine ? texts(routine.objname) : texts([node])
}

/** A type as it counts for changes: without the catalog's schema. */
export interface ColumnType {
  name: string
  /** length, precision and scale */
  mods: number[]
  isArray: boolean
}

/** The type of a column. */
export function columnType(type: TypeName | undefined): ColumnType | undefined {
  if (!type?.names) return undefined
  const names = texts(type.names)
  return {
    name: names[0] === 'pg_catalog' ? names.slice(1).join('.') : qualified(names),
    mods: all(type.typmods, 'A_Const').flatMap(({ ival }) => (ival ? [ival.ival ?? 0] : [])),
    isArray: (type.arrayBounds ?? []).length > 0,
  }
}

/** Every node below, and the value itself, in the order of the tree. */
export function* walk(value: unknown): Generator<Record<string, unknown>> {
  if (Array.isArray(value)) for (const each of value as unknown[]) yield* walk(each)
  else if (typeof value === 'object' && value !== null) {
    yield value as Record<string, unknown>
    for (const each of Object.values(value)) yield* walk(each)
  }
}
