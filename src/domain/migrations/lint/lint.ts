import { allowances, applyAllowances } from './allow'
import type { Catalog } from './catalog'
import { checkAction } from './check-action'
import { checkData } from './check-data'
import { checkColumnTypes, checkRobust } from './check-form'
import { checkIndex } from './check-index'
import { checkObject, checkType } from './check-object'
import { checkNesting, checkTimeouts, checkTogether } from './check-session'
import type { LintResult, Remark, Script, Statement, TransactionMode } from './contracts'
import { placeLocks, toFindings } from './findings'
import { created } from './fresh'
import { learn, learnAction } from './learn'
import { addLock, type Locks, locksOf } from './locks'
import { rules } from './rules'
import { advance, begin } from './session'
import { isNewTable, liveLocks, type State } from './state'
import { all, as, qualified, droppedName, tableName, texts } from './tree'

export interface LintOptions {
  pgVersion: number
  transaction: TransactionMode
  /** the phase of what is gone for good */
  isContract: boolean
  /** what earlier files and a schema tell; it learns what this file does */
  catalog: Catalog
}

const longestName = 63
const beginnings = new Set<string>(['TRANS_STMT_BEGIN', 'TRANS_STMT_START'])
/** Also as goose and dbmate say it. */
const noTransaction = /^(--|\/\*)\s*(refit:no-transaction\b|\+goose NO TRANSACTION\b|migrate:up.*transaction:false\b)/

/** Every finding in one file, in its order, and the locks that its statements take. */
export function lint(script: Script, { pgVersion, transaction, isContract, catalog }: LintOptions): LintResult {
  const isRunners = isInRunnersTransaction(script, transaction)
  const state: State = {
    catalog,
    fresh: new Set(),
    session: { settings: {}, local: {}, ...(isRunners ? { transaction: begin({}) } : {}) },
    pgVersion,
    statementCount: script.statements.length,
    dropped: new Set(),
    said: new Set(),
  }
  const locks: Locks[] = []
  const long = script.names.filter(isTooLong)
  const byStatement = script.statements.map((statement) => {
    const taken = liveLocks(state, locksOf(statement.node, catalog))
    locks.push(taken)
    return [...checkStatement(state, statement, taken, isRunners), ...longNames(long, statement)]
  })
  if (state.session.transaction && !isRunners) byStatement.at(-1)?.push({ rule: 'ban-uncommitted-transaction' })
  const { allowed, bad } = applyAllowances(allowances(script), byStatement)
  return {
    findings: toFindings(script, allowed, bad).filter(({ severity }) => !(isContract && severity === 'destructive')),
    locks: placeLocks(script, locks),
  }
}

/** `auto`: a file that is marked, or that begins transactions itself, is in none of its runner's. */
function isInRunnersTransaction({ comments, statements }: Script, mode: TransactionMode): boolean {
  const isMarked = comments.some(({ text }) => noTransaction.test(text))
  if (mode !== 'auto') return mode === 'assumed' && !isMarked
  return !isMarked && !statements.some(({ node }) => beginnings.has(as(node, 'TransactionStmt')?.kind ?? ''))
}

function checkStatement(state: State, { node }: Statement, locks: Locks, isRunners: boolean): Remark[] {
  const remarks: Remark[] = [
    ...checkNesting(state, isRunners, node),
    ...checkTimeouts(state, locks),
    ...checkIndex(state, node),
    ...checkObject(state, node),
    ...checkType(state, node),
    ...checkData(state, node),
    ...checkColumnTypes(node),
    ...checkRobust(state, node),
    ...alterTable(state, node),
  ]
  const heavy = remarks.filter(({ rule }) => rules[rule].severity === 'heavy')
  const { transaction } = state.session
  if (transaction) remarks.push(...checkTogether(transaction, node, locks, heavy))
  remember(state, node, locks)
  return remarks
}

/** Action by action, because each sees what those before it did. */
function alterTable(state: State, node: Statement['node']): Remark[] {
  const alter = as(node, 'AlterTableStmt')
  if (alter?.objtype !== 'OBJECT_TABLE' && alter?.objtype !== 'OBJECT_MATVIEW') return []
  const table = tableName(alter.relation)
  return all(alter.cmds, 'AlterTableCmd').flatMap((action) => {
    const remarks = checkAction(state, table, action)
    const column = as(action.def, 'ColumnDef')?.colname
    const isNewColumn = action.subtype === 'AT_AddColumn' && column !== undefined
    if (isNewColumn) state.fresh.add(`column:${table}.${column}`)
    for (const name of learnAction(state.catalog, table, action)) {
      state.fresh.add(`constraint:${table}.${name}`)
      const isProven = state.catalog.tables.get(table)?.constraints.get(name)?.isValid !== false
      if (!isProven && !isNewTable(state, table)) state.session.transaction?.unproven.add(`${table}.${name}`)
    }
    return remarks
  })
}

function remember(state: State, node: Statement['node'], locks: Locks): void {
  const { transaction } = state.session
  if (transaction) {
    for (const [table, mode] of locks) addLock(transaction.locks, table, mode)
    const altered = as(node, 'AlterTableStmt')
    if (altered && locks.size > 0) transaction.altered.add(tableName(altered.relation))
    const value = as(node, 'AlterEnumStmt')
    const isNewType = value && state.fresh.has(`object:${qualified(texts(value.typeName))}`)
    if (value?.newVal !== undefined && !isNewType) transaction.enumValues.push(value.newVal)
  }
  const drop = as(node, 'DropStmt')
  if (drop?.removeType === 'OBJECT_TABLE')
    for (const name of (drop.objects ?? []).map((each) => qualified(droppedName(each)))) state.dropped.add(name)
  // A table that may have been there before is none of this file's.
  const mayExist = as(node, 'CreateStmt')?.if_not_exists === true
  const isKnown = state.catalog.tables.get(tableName(as(node, 'CreateStmt')?.relation))?.isComplete === true
  if (!(mayExist && isKnown)) for (const name of created(node)) state.fresh.add(name)
  learn(state.catalog, node)
  advance(state.session, node)
}

const isTooLong = ({ text }: Script['names'][number]): boolean =>
  new TextEncoder().encode(text.replace(/^"|"$/g, '').replaceAll('""', '"')).length > longestName

const longNames = (names: Script['names'], { start, end }: Statement): Remark[] =>
  names
    .filter((name) => name.start >= start && name.start < end)
    .map(({ start: at, text }) => ({ rule: 'identifier-too-long', at, detail: text }))
