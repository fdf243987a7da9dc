import type { AlterTableCmd, Node } from 'libpg-query'
import { type Catalog, tableOf } from './catalog'
import { all, as, droppedName, qualified, tableName, texts, walk } from './tree'

/** From the weakest to the strongest. */
export const lockModes = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const
export type LockMode = (typeof lockModes)[number]

/** The strongest lock per table. */
export type Locks = Map<string, LockMode>

const strength = (mode: LockMode): number => lockModes.indexOf(mode)

/** Whether the lock makes writers wait, or everybody. */
export const blocksWrites = (mode: LockMode): boolean => strength(mode) >= strength('SHARE')

/** Keeps the stronger one. */
export function addLock(locks: Locks, table: string, mode: LockMode): void {
  const held = locks.get(table)
  if (table !== '' && (held === undefined || strength(mode) > strength(held))) locks.set(table, mode)
}

/** Actions of ALTER TABLE that don't take ACCESS EXCLUSIVE, as measured on PostgreSQL 18. */
const mildActions: Partial<Record<string, LockMode>> = {
  AT_SetStatistics: 'SHARE UPDATE EXCLUSIVE',
  AT_SetOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ResetOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_SetRelOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ResetRelOptions: 'SHARE UPDATE EXCLUSIVE',
  AT_ClusterOn: 'SHARE UPDATE EXCLUSIVE',
  AT_DropCluster: 'SHARE UPDATE EXCLUSIVE',
  AT_ValidateConstraint: 'SHARE UPDATE EXCLUSIVE',
  AT_AttachPartition: 'SHARE UPDATE EXCLUSIVE',
  AT_EnableTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableAlwaysTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableReplicaTrig: 'SHARE ROW EXCLUSIVE',
  AT_EnableTrigAll: 'SHARE ROW EXCLUSIVE',
  AT_EnableTrigUser: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrig: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrigAll: 'SHARE ROW EXCLUSIVE',
  AT_DisableTrigUser: 'SHARE ROW EXCLUSIVE',
}

function lockOfAction(locks: Locks, catalog: Catalog, table: string, action: AlterTableCmd): void {
  const constraint = as(action.def, 'Constraint')
  const partition = as(action.def, 'PartitionCmd')
  const isForeign = constraint?.contype === 'CONSTR_FOREIGN'
  const isGentle = isForeign ? 'SHARE ROW EXCLUSIVE' : partition?.concurrent ? 'SHARE UPDATE EXCLUSIVE' : undefined
  addLock(locks, table, isGentle ?? mildActions[action.subtype ?? ''] ?? 'ACCESS EXCLUSIVE')
  if (isForeign) addLock(locks, tableName(constraint.pktable), 'SHARE ROW EXCLUSIVE')
  for (const each of all(as(action.def, 'ColumnDef')?.constraints, 'Constraint'))
    addLock(locks, tableName(each.pktable), 'SHARE ROW EXCLUSIVE')
  if (partition)
    addLock(locks, tableName(partition.name), partition.concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE')
  const { constraints } = tableOf(catalog, table)
  const named = constraints.get(action.name ?? '')?.partner ?? ''
  if (action.subtype === 'AT_ValidateConstraint') addLock(locks, named, 'ROW SHARE')
  if (action.subtype === 'AT_DropConstraint') addLock(locks, named, 'ACCESS EXCLUSIVE')
  if (action.subtype === 'AT_DropColumn')
    for (const { partner = '', columns } of constraints.values())
      if (columns.includes(action.name ?? '')) addLock(locks, partner, 'ACCESS EXCLUSIVE')
}

function lockOfDrop(locks: Locks, catalog: Catalog, node: Node): void {
  const { objects, removeType, concurrent } = as(node, 'DropStmt') ?? {}
  for (const names of (objects ?? []).map(droppedName)) {
    const name = qualified(names)
    if (removeType === 'OBJECT_INDEX')
      addLock(
        locks,
        catalog.indexes.get(name)?.table ?? `the table of ${name}`,
        concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE',
      )
    else if (removeType === 'OBJECT_TRIGGER' || removeType === 'OBJECT_RULE' || removeType === 'OBJECT_POLICY')
      addLock(locks, qualified(names.slice(0, -1)), 'ACCESS EXCLUSIVE')
    else if (removeType === 'OBJECT_TABLE' || removeType === 'OBJECT_VIEW' || removeType === 'OBJECT_MATVIEW')
      addLock(locks, name, 'ACCESS EXCLUSIVE')
    if (removeType === 'OBJECT_TABLE')
      for (const { partner = '' } of tableOf(catalog, name).constraints.values())
        addLock(locks, partner, 'ACCESS EXCLUSIVE')
  }
}

function lockOfCreate(locks: Locks, node: Node): void {
  const table = as(node, 'CreateStmt')
  if (!table) return
  for (const parent of all(table.inhRelations, 'RangeVar'))
    addLock(locks, tableName(parent), table.partbound ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE')
  for (const each of walk(table.tableElts)) {
    const constraint = as(each as Node, 'Constraint')
    addLock(locks, tableName(constraint?.pktable), 'SHARE ROW EXCLUSIVE')
  }
}

/** Statements with one table and one lock. */
function lockOfOne(locks: Locks, node: Node): void {
  const index = as(node, 'IndexStmt')
  if (index) addLock(locks, tableName(index.relation), index.concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE')
  const reindex = as(node, 'ReindexStmt')
  if (reindex?.kind === 'REINDEX_OBJECT_TABLE') addLock(locks, tableName(reindex.relation), 'SHARE')
  const refresh = as(node, 'RefreshMatViewStmt')
  if (refresh) addLock(locks, tableName(refresh.relation), refresh.concurrent ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE')
  addLock(locks, tableName(as(node, 'CreateTrigStmt')?.relation), 'SHARE ROW EXCLUSIVE')
  for (const policy of [as(node, 'CreatePolicyStmt'), as(node, 'AlterPolicyStmt')])
    addLock(locks, tableName(policy?.table), 'ACCESS EXCLUSIVE')
  for (const each of [as(node, 'ClusterStmt'), as(node, 'RuleStmt'), as(node, 'AlterObjectSchemaStmt')])
    addLock(locks, tableName(each?.relation), 'ACCESS EXCLUSIVE')
  const rename = as(node, 'RenameStmt')
  if (rename)
    addLock(
      locks,
      tableName(rename.relation),
      rename.renameType === 'OBJECT_INDEX' ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE',
    )
  for (const table of all(as(node, 'TruncateStmt')?.relations, 'RangeVar'))
    addLock(locks, tableName(table), 'ACCESS EXCLUSIVE')
  for (const table of all(as(node, 'CreateStatsStmt')?.relations, 'RangeVar'))
    addLock(locks, tableName(table), 'SHARE UPDATE EXCLUSIVE')
  const explicit = as(node, 'LockStmt')
  for (const table of all(explicit?.relations, 'RangeVar'))
    addLock(locks, tableName(table), lockModes[(explicit?.mode ?? lockModes.length) - 1] ?? 'ACCESS EXCLUSIVE')
  const comment = as(node, 'CommentStmt')
  if (comment?.objtype === 'OBJECT_TABLE' || comment?.objtype === 'OBJECT_COLUMN') {
    const names = texts(as(comment.object, 'List')?.items)
    addLock(
      locks,
      qualified(comment.objtype === 'OBJECT_COLUMN' ? names.slice(0, -1) : names),
      'SHARE UPDATE EXCLUSIVE',
    )
  }
  const vacuum = as(node, 'VacuumStmt')
  for (const { relation } of all(vacuum?.rels, 'VacuumRelation'))
    addLock(locks, tableName(relation), isFull(vacuum?.options) ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE')
}

/** VACUUM FULL. */
export const isFull = (options: Node[] | undefined): boolean => isOn(options, 'full')

/** An option of a list such as `(CONCURRENTLY, VERBOSE off)`. */
export const isOn = (options: Node[] | undefined, name: string): boolean =>
  all(options, 'DefElem').some(
    ({ defname, arg }) =>
      defname === name &&
      !['false', 'off', '0'].includes(
        texts(arg ? [arg] : [])
          .at(0)
          ?.toLowerCase() ?? '',
      ),
  )

function lockOfData(locks: Locks, node: Node): void {
  for (const each of [as(node, 'InsertStmt'), as(node, 'UpdateStmt'), as(node, 'DeleteStmt'), as(node, 'MergeStmt')])
    addLock(locks, tableName(each?.relation), 'ROW EXCLUSIVE')
  const copy = as(node, 'CopyStmt')
  addLock(locks, tableName(copy?.relation), copy?.is_from ? 'ROW EXCLUSIVE' : 'ACCESS SHARE')
  const query = as(node, 'SelectStmt')
  for (const each of walk(query?.fromClause))
    addLock(locks, tableName(as(each as Node, 'RangeVar')), query?.lockingClause ? 'ROW SHARE' : 'ACCESS SHARE')
}

/** Which locks a statement takes on tables that it names, or that are known to belong to what it names. */
export function locksOf(node: Node, catalog: Catalog): Locks {
  const locks: Locks = new Map()
  const alter = as(node, 'AlterTableStmt')
  if (alter?.objtype === 'OBJECT_TABLE' || alter?.objtype === 'OBJECT_MATVIEW')
    for (const action of all(alter.cmds, 'AlterTableCmd'))
      lockOfAction(locks, catalog, tableName(alter.relation), action)
  if (as(node, 'DropStmt')) lockOfDrop(locks, catalog, node)
  lockOfCreate(locks, node)
  lockOfOne(locks, node)
  lockOfData(locks, node)
  return locks
}
