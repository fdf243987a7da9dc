import type { DropStmt, IndexStmt, Node, ReindexStmt } from 'libpg-query'
import type { Remark } from './contracts'
import { isFull, isOn } from './locks'
import { isNewTable, type State } from './state'
import { as, droppedName, qualified, tableName } from './tree'

const mostColumns = 3
const outside = 'ban-concurrent-index-creation-in-transaction' as const

function createIndex(state: State, index: IndexStmt): Remark[] {
  const table = tableName(index.relation)
  const detail = index.idxname ?? table
  const remarks: Remark[] = []
  if ((index.indexParams?.length ?? 0) > mostColumns && !index.unique)
    remarks.push({ rule: 'index-too-many-columns', detail })
  if (isNewTable(state, table) && !index.concurrent) return remarks
  const isPartitioned = state.catalog.tables.get(table)?.isPartitioned === true
  const isParentOnly = index.relation?.inh !== true
  if (index.concurrent) {
    if (state.session.transaction) remarks.push({ rule: outside, detail })
    if (isPartitioned && !isParentOnly) remarks.push({ rule: 'concurrent-index-on-partitioned-table', detail })
  } else if (!(isParentOnly && isPartitioned)) remarks.push({ rule: 'require-concurrent-index-creation', detail })
  return remarks
}

function dropIndex(state: State, { objects, concurrent }: DropStmt): Remark[] {
  return (objects ?? []).flatMap((each): Remark[] => {
    const detail = qualified(droppedName(each))
    const table = state.catalog.indexes.get(detail)?.table
    if (concurrent) return state.session.transaction ? [{ rule: outside, detail }] : []
    const isNew = state.fresh.has(`index:${detail}`) || (table !== undefined && isNewTable(state, table))
    return isNew ? [] : [{ rule: 'require-concurrent-index-deletion', detail }]
  })
}

function reindex(state: State, { kind, relation, name, params }: ReindexStmt): Remark[] {
  const detail = name ?? tableName(relation)
  const isConcurrent = isOn(params, 'concurrently')
  const isNew = isNewTable(state, detail) || state.fresh.has(`index:${detail}`)
  const isMany = kind !== 'REINDEX_OBJECT_TABLE' && kind !== 'REINDEX_OBJECT_INDEX'
  if (state.session.transaction && isConcurrent) return [{ rule: outside, detail }]
  return [
    ...(isMany && state.session.transaction
      ? [{ rule: 'needs-no-transaction' as const, detail: `REINDEX ${detail}` }]
      : []),
    ...(isConcurrent || isNew ? [] : [{ rule: 'require-concurrent-reindex' as const, detail }]),
  ]
}

/** Statements about indexes, and those that copy a table in the order of one. */
export function checkIndex(state: State, node: Node): Remark[] {
  const index = as(node, 'IndexStmt')
  if (index) return createIndex(state, index)
  const drop = as(node, 'DropStmt')
  if (drop?.removeType === 'OBJECT_INDEX') return dropIndex(state, drop)
  const again = as(node, 'ReindexStmt')
  if (again) return reindex(state, again)
  const cluster = as(node, 'ClusterStmt')
  if (cluster) {
    const detail = tableName(cluster.relation)
    if (isNewTable(state, detail)) return []
    const isAll = detail === '' && state.session.transaction !== undefined
    return [
      { rule: 'rewriting-table', detail },
      ...(isAll ? [{ rule: 'needs-no-transaction' as const, detail: 'CLUSTER' }] : []),
    ]
  }
  const vacuum = as(node, 'VacuumStmt')
  if (vacuum?.is_vacuumcmd)
    return [
      ...(isFull(vacuum.options) ? [{ rule: 'rewriting-table' as const, detail: 'VACUUM FULL' }] : []),
      ...(state.session.transaction ? [{ rule: 'needs-no-transaction' as const, detail: 'VACUUM' }] : []),
    ]
  const refresh = as(node, 'RefreshMatViewStmt')
  const view = tableName(refresh?.relation)
  return refresh && !refresh.concurrent && !refresh.skipData && !isNewTable(state, view)
    ? [{ rule: 'require-concurrent-refresh', detail: view }]
    : []
}
