import type { Node, UpdateStmt } from 'libpg-query'
import type { Remark } from './contracts'
import { blocksWrites, lockModes } from './locks'
import { isNewTable, type State } from './state'
import { all, as, tableName } from './tree'

function update(state: State, statement: UpdateStmt): Remark[] {
  const table = tableName(statement.relation)
  const names = all(statement.targetList, 'ResTarget')
    .filter(({ indirection }) => indirection === undefined)
    .map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  return [
    ...(twice === undefined ? [] : [{ rule: 'ban-duplicate-column-assignments' as const, detail: twice }]),
    ...(statement.whereClause || isNewTable(state, table)
      ? []
      : [{ rule: 'update-without-where' as const, detail: table }]),
  ]
}

const outsideOnly: Partial<Record<string, string>> = {
  CreatedbStmt: 'CREATE DATABASE',
  DropdbStmt: 'DROP DATABASE',
  CreateTableSpaceStmt: 'CREATE TABLESPACE',
  DropTableSpaceStmt: 'DROP TABLESPACE',
  AlterSystemStmt: 'ALTER SYSTEM',
  CreateSubscriptionStmt: 'CREATE SUBSCRIPTION',
  DropSubscriptionStmt: 'DROP SUBSCRIPTION',
}

/** Rows, code that isn't seen, and statements that stand outside of transactions. */
export function checkData(state: State, node: Node): Remark[] {
  const changed = as(node, 'UpdateStmt')
  if (changed) return update(state, changed)
  const removed = as(node, 'DeleteStmt')
  if (removed) {
    const detail = tableName(removed.relation)
    return removed.whereClause || isNewTable(state, detail) ? [] : [{ rule: 'delete-without-where', detail }]
  }
  const lock = as(node, 'LockStmt')
  if (lock) {
    const mode = lockModes[(lock.mode ?? lockModes.length) - 1]
    const live = all(lock.relations, 'RangeVar')
      .map(tableName)
      .filter((table) => !isNewTable(state, table))
    return mode && blocksWrites(mode) && live.length > 0 ? [{ rule: 'explicit-lock', detail: live.join(', ') }] : []
  }
  if (as(node, 'DoStmt')) return [{ rule: 'opaque-code', detail: 'DO', rehearse: 'what the code does' }]
  if (as(node, 'CallStmt')) return [{ rule: 'opaque-code', detail: 'CALL', rehearse: 'what the code does' }]
  const outside = Object.keys(node).map((kind) => outsideOnly[kind])[0]
  return outside !== undefined && state.session.transaction ? [{ rule: 'needs-no-transaction', detail: outside }] : []
}
