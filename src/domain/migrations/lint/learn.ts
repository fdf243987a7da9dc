import type { AlterTableCmd, ColumnDef, CreateStmt, DropStmt, IndexStmt, Node, RenameStmt } from 'libpg-query'
import { type Catalog, columnOf, tableOf } from './catalog'
import { learnConstraint } from './learn-constraint'
import { all, as, columnType, droppedName, qualified, tableName, texts } from './tree'

/** Adds a column; returns the names of its constraints. */
function learnColumn(catalog: Catalog, table: string, column: ColumnDef): string[] {
  const { colname = '', typeName } = column
  const type = columnType(typeName)
  const serial = type !== undefined && /serial/.test(type.name)
  tableOf(catalog, table).columns.set(colname, { ...(type ? { type } : {}), isNotNull: serial })
  return all(column.constraints, 'Constraint').flatMap((each) => learnConstraint(catalog, table, each, colname) ?? [])
}

function learnTable(catalog: Catalog, statement: CreateStmt): void {
  const name = tableName(statement.relation)
  if (statement.if_not_exists && catalog.tables.get(name)?.isComplete) return
  const parents = all(statement.inhRelations, 'RangeVar').map((parent) => tableOf(catalog, tableName(parent)))
  const likes = all(statement.tableElts, 'TableLikeClause').map(({ relation }) => tableName(relation))
  catalog.tables.set(name, {
    columns: new Map(parents.flatMap(({ columns }) => [...columns].map(([key, value]) => [key, { ...value }]))),
    constraints: new Map(),
    isComplete: likes.length === 0 && parents.every(({ isComplete }) => isComplete),
    isPartitioned: statement.partspec !== undefined,
  })
  for (const element of statement.tableElts ?? []) {
    const column = as(element, 'ColumnDef')
    if (column) learnColumn(catalog, name, column)
    const constraint = as(element, 'Constraint')
    if (constraint) learnConstraint(catalog, name, constraint)
  }
}

function learnIndex(catalog: Catalog, { idxname, relation, indexParams, unique }: IndexStmt): void {
  const table = tableName(relation)
  const columns = all(indexParams, 'IndexElem').map(({ name = '' }) => name)
  const name =
    idxname ?? [table.split('.').at(-1), ...columns.map((each) => each || 'expr'), unique ? 'key' : 'idx'].join('_')
  catalog.indexes.set(name, { table, columns })
}

/** What one action of an ALTER TABLE changes; returns the names of constraints that it added. */
export function learnAction(catalog: Catalog, table: string, action: AlterTableCmd): string[] {
  const known = tableOf(catalog, table)
  const column = as(action.def, 'ColumnDef')
  const constraint = as(action.def, 'Constraint')
  const name = action.name ?? ''
  switch (action.subtype as string) {
    case 'AT_AddColumn':
      return column ? learnColumn(catalog, table, column) : []
    case 'AT_AddConstraint':
      return constraint ? [learnConstraint(catalog, table, constraint) ?? ''] : []
    case 'AT_DropColumn':
      known.columns.delete(name)
      break
    case 'AT_AlterColumnType': {
      const type = columnType(column?.typeName)
      if (type) columnOf(known, name).type = type
      break
    }
    case 'AT_SetNotNull':
      columnOf(known, name).isNotNull = true
      break
    case 'AT_DropNotNull':
      columnOf(known, name).isNotNull = false
      break
    case 'AT_DropConstraint':
      known.constraints.delete(name)
      break
    case 'AT_ValidateConstraint': {
      const validated = known.constraints.get(name)
      if (!validated) break
      validated.isValid = true
      if (validated.kind === 'not-null') for (const each of validated.columns) columnOf(known, each).isNotNull = true
      break
    }
    default:
  }
  return []
}

function learnRename(catalog: Catalog, { renameType, relation, subname = '', newname = '' }: RenameStmt): void {
  const from = tableName(relation)
  const table = catalog.tables.get(from)
  if (renameType === 'OBJECT_INDEX') move(catalog.indexes, from, newname)
  if (!table) return
  if (renameType === 'OBJECT_COLUMN') move(table.columns, subname, newname)
  if (renameType === 'OBJECT_TABCONSTRAINT') move(table.constraints, subname, newname)
  if (renameType === 'OBJECT_TABLE') {
    move(catalog.tables, from, from.includes('.') ? `${from.split('.')[0]}.${newname}` : newname)
    for (const index of catalog.indexes.values()) if (index.table === from) index.table = newname
  }
}

function move<T>(map: Map<string, T>, from: string, to: string): void {
  const value = map.get(from)
  map.delete(from)
  if (value !== undefined) map.set(to, value)
}

function learnDrop(catalog: Catalog, { removeType, objects }: DropStmt): void {
  for (const name of (objects ?? []).map((each) => qualified(droppedName(each)))) {
    if (removeType === 'OBJECT_TABLE') catalog.tables.delete(name)
    if (removeType === 'OBJECT_INDEX') catalog.indexes.delete(name)
    if (removeType === 'OBJECT_DOMAIN' || removeType === 'OBJECT_TYPE') catalog.types.delete(name)
  }
}

/** What one statement other than ALTER TABLE changes in the schema. */
export function learn(catalog: Catalog, node: Node): void {
  const table = as(node, 'CreateStmt')
  if (table) learnTable(catalog, table)
  const index = as(node, 'IndexStmt')
  if (index) learnIndex(catalog, index)
  const rename = as(node, 'RenameStmt')
  if (rename) learnRename(catalog, rename)
  const drop = as(node, 'DropStmt')
  if (drop) learnDrop(catalog, drop)
  const domain = as(node, 'CreateDomainStmt')
  if (domain) catalog.types.set(qualified(texts(domain.domainname)), all(domain.constraints, 'Constraint').length > 0)
  const altered = as(node, 'AlterDomainStmt')
  if (altered?.subtype === 'C' || altered?.subtype === 'O') catalog.types.set(qualified(texts(altered.typeName)), true)
  const type = as(node, 'CreateEnumStmt')?.typeName ?? as(node, 'CreateRangeStmt')?.typeName
  const composite = tableName(as(node, 'CompositeTypeStmt')?.typevar)
  const name = type ? qualified(texts(type)) : composite
  if (name !== '') catalog.types.set(name, false)
}

/** Reads a schema that exists, such as a schema-only dump. */
export function learnAll(catalog: Catalog, nodes: readonly Node[]): Catalog {
  for (const node of nodes) {
    const alter = as(node, 'AlterTableStmt')
    if (alter)
      for (const action of all(alter.cmds, 'AlterTableCmd')) learnAction(catalog, tableName(alter.relation), action)
    else learn(catalog, node)
  }
  return catalog
}
