import type { CreateStmt, DropStmt, Node, RenameStmt } from 'libpg-query'
import { checkReference } from './check-constraint'
import type { Remark } from './contracts'
import type { RuleId } from './rules'
import { isNewTable, type State } from './state'
import { all, as, droppedName, qualified, tableName, texts, walk } from './tree'

const drops: Partial<Record<string, RuleId>> = {
  OBJECT_TABLE: 'ban-drop-table',
  OBJECT_FOREIGN_TABLE: 'ban-drop-table',
  OBJECT_SCHEMA: 'ban-drop-schema',
  OBJECT_TRIGGER: 'drop-trigger',
  OBJECT_VIEW: 'ban-drop-object',
  OBJECT_MATVIEW: 'ban-drop-object',
  OBJECT_SEQUENCE: 'ban-drop-object',
  OBJECT_TYPE: 'ban-drop-object',
  OBJECT_DOMAIN: 'ban-drop-object',
  OBJECT_FUNCTION: 'ban-drop-object',
  OBJECT_PROCEDURE: 'ban-drop-object',
  OBJECT_ROUTINE: 'ban-drop-object',
  OBJECT_EXTENSION: 'ban-drop-object',
}

function drop(state: State, { removeType = 'OBJECT_TABLE', objects }: DropStmt): Remark[] {
  const rule = drops[removeType]
  if (!rule) return []
  return (objects ?? []).flatMap((each): Remark[] => {
    const names = droppedName(each)
    const detail = removeType === 'OBJECT_TRIGGER' ? names.join('.') : qualified(names)
    const isTriggerOfNew = removeType === 'OBJECT_TRIGGER' && isNewTable(state, qualified(names.slice(0, -1)))
    const isNew = state.fresh.has(`object:${detail}`) || isNewTable(state, detail) || isTriggerOfNew
    return isNew ? [] : [{ rule, detail }]
  })
}

const renames: Partial<Record<string, RuleId>> = {
  OBJECT_COLUMN: 'renaming-column',
  OBJECT_TABLE: 'renaming-table',
  OBJECT_FOREIGN_TABLE: 'renaming-table',
  OBJECT_SCHEMA: 'renaming-schema',
  OBJECT_DATABASE: 'renaming-object',
  OBJECT_VIEW: 'renaming-object',
  OBJECT_MATVIEW: 'renaming-object',
  OBJECT_SEQUENCE: 'renaming-object',
  OBJECT_TYPE: 'renaming-object',
  OBJECT_DOMAIN: 'renaming-object',
  OBJECT_ATTRIBUTE: 'renaming-object',
  OBJECT_FUNCTION: 'renaming-object',
  OBJECT_PROCEDURE: 'renaming-object',
  OBJECT_ROLE: 'renaming-object',
}

function rename(state: State, statement: RenameStmt): Remark[] {
  const { renameType = '', relation, subname, newname, object } = statement
  const rule = renames[renameType]
  const name = relation ? tableName(relation) : object ? qualified(droppedName(object)) : (subname ?? '')
  const isNew =
    isNewTable(state, name) || state.fresh.has(`object:${name}`) || state.fresh.has(`column:${name}.${subname}`)
  return rule && !isNew ? [{ rule, detail: `${subname ?? name} to ${newname ?? ''}` }] : []
}

function create(state: State, table: CreateStmt): Remark[] {
  const name = tableName(table.relation)
  const [parent] = all(table.inhRelations, 'RangeVar').map(tableName)
  return [
    ...(state.dropped.has(name) ? [{ rule: 'create-table-force' as const, detail: name }] : []),
    ...(table.partbound && parent !== undefined && !isNewTable(state, parent)
      ? [{ rule: 'create-partition-of' as const, detail: parent }]
      : []),
    ...[...walk(table.tableElts)].flatMap((each) => {
      const constraint = as(each as Node, 'Constraint')
      return constraint ? checkReference(state, name, constraint) : []
    }),
  ]
}

/** What is made, renamed and dropped, apart from indexes. */
export function checkObject(state: State, node: Node): Remark[] {
  const table = as(node, 'CreateStmt')
  if (table) return create(state, table)
  const dropped = as(node, 'DropStmt')
  if (dropped) return drop(state, dropped)
  const renamed = as(node, 'RenameStmt')
  if (renamed) return rename(state, renamed)
  const moved = as(node, 'AlterObjectSchemaStmt')
  if (moved?.relation && !isNewTable(state, tableName(moved.relation)))
    return [{ rule: 'renaming-table', detail: `${tableName(moved.relation)} to ${moved.newschema ?? ''}` }]
  const database = as(node, 'DropdbStmt')
  if (database) return [{ rule: 'ban-drop-database', detail: database.dbname ?? '' }]
  const truncate = as(node, 'TruncateStmt')
  const rule = truncate?.behavior === 'DROP_CASCADE' ? 'ban-truncate-cascade' : 'ban-truncate'
  return all(truncate?.relations, 'RangeVar').flatMap((each): Remark[] =>
    isNewTable(state, tableName(each)) ? [] : [{ rule, detail: tableName(each) }],
  )
}

/** Enum types and domains. */
export function checkType(state: State, node: Node): Remark[] {
  const value = as(node, 'AlterEnumStmt')
  if (value) {
    const detail = value.newVal ?? ''
    if (value.oldVal !== undefined) return [{ rule: 'renaming-enum-value', detail: `${value.oldVal} to ${detail}` }]
    return [
      ...(value.newValNeighbor === undefined ? [{ rule: 'require-enum-value-ordering' as const, detail }] : []),
      ...(state.session.transaction && state.pgVersion < 12
        ? [{ rule: 'needs-no-transaction' as const, detail: 'ALTER TYPE … ADD VALUE' }]
        : []),
    ]
  }
  const domain = as(node, 'CreateDomainStmt')
  if (domain && all(domain.constraints, 'Constraint').length > 0)
    return [{ rule: 'ban-create-domain-with-constraint', detail: qualified(texts(domain.domainname)) }]
  const altered = as(node, 'AlterDomainStmt')
  const isScan = altered && ['C', 'O', 'V'].includes(altered.subtype ?? '')
  if (!isScan || as(altered.def, 'Constraint')?.skip_validation === true) return []
  const name = qualified(texts(altered.typeName))
  if (state.fresh.has(`object:${name}`) || altered.subtype === 'V') return []
  return [{ rule: 'alter-domain-scan', detail: name, rehearse: 'which tables use the domain' }]
}
