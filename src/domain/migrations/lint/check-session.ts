import type { Node } from 'libpg-query'
import type { Remark } from './contracts'
import { blocksWrites, type Locks } from './locks'
import { effective, type Transaction } from './session'
import type { State } from './state'
import { all, as, tableName, walk } from './tree'

const longestLockTimeout = 10_000

/** Timeouts in effect when a statement first waits for a lock that others wait behind; each is said once per file. */
export function checkTimeouts({ session, said }: State, locks: Locks): Remark[] {
  const strong = [...locks].filter(([, mode]) => blocksWrites(mode)).map(([table, mode]) => `${mode} on ${table}`)
  if (strong.length === 0) return []
  const lockTimeout = effective(session, 'lockTimeout')
  const remarks: Remark[] = []
  const detail = strong.join(', ')
  if (lockTimeout === undefined) remarks.push({ rule: 'require-lock-timeout', detail })
  else if (lockTimeout > longestLockTimeout)
    remarks.push({ rule: 'lock-timeout-too-long', detail: `${lockTimeout / 1_000} s` })
  if (effective(session, 'statementTimeout') === undefined) remarks.push({ rule: 'require-statement-timeout', detail })
  const fresh = remarks.filter(({ rule }) => !said.has(rule))
  for (const { rule } of fresh) said.add(rule)
  return fresh
}

/** BEGIN and COMMIT where they don't do what they seem to do. */
export function checkNesting({ session }: State, isRunners: boolean, node: Node): Remark[] {
  const kind = as(node, 'TransactionStmt')?.kind
  if (kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START')
    return session.transaction ? [{ rule: 'transaction-nesting', detail: 'BEGIN' }] : []
  const isEnd = kind === 'TRANS_STMT_COMMIT' || kind === 'TRANS_STMT_ROLLBACK'
  return isEnd && (isRunners || !session.transaction) ? [{ rule: 'transaction-nesting', detail: 'COMMIT' }] : []
}

/** What a statement means because of those before it in its transaction. */
export function checkTogether(transaction: Transaction, node: Node, locks: Locks, heavy: Remark[]): Remark[] {
  const exclusive = [...transaction.locks].filter(([, mode]) => mode === 'ACCESS EXCLUSIVE').map(([table]) => table)
  const others = exclusive.filter((table) => !locks.has(table))
  const remarks: Remark[] = []
  const alter = as(node, 'AlterTableStmt')
  const table = tableName(alter?.relation)
  const isAlterOfTwice = alter?.objtype === 'OBJECT_TABLE' && transaction.altered.has(table) && !isValidation(node)
  if (isAlterOfTwice) remarks.push({ rule: 'multiple-alters', detail: table })
  const guess = heavy.every(({ rehearse }) => rehearse) ? heavy[0]?.rehearse : undefined
  if (heavy.length > 0 && others.length > 0)
    remarks.push({
      rule: 'rewrite-while-holding-lock',
      detail: others.join(', '),
      ...(guess === undefined ? {} : { rehearse: guess }),
    })
  else if ([...locks.values()].some(blocksWrites) && others.length > 0)
    remarks.push({ rule: 'locks-several-tables', detail: [...others, ...locks.keys()].join(', ') })
  else if (exclusive.length > 0 && isWork(node) && !isAlterOfTwice)
    remarks.push({ rule: 'statements-after-access-exclusive', detail: exclusive.join(', ') })
  return [...remarks, ...usedEnumValues(transaction, node)]
}

const isValidation = (node: Node): boolean =>
  all(as(node, 'AlterTableStmt')?.cmds, 'AlterTableCmd').every(({ subtype }) => subtype === 'AT_ValidateConstraint')

const work = ['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'CopyStmt', 'IndexStmt'] as const
const isWork = (node: Node): boolean =>
  work.some((kind) => as(node, kind)) && (as(node, 'SelectStmt')?.fromClause !== undefined || !as(node, 'SelectStmt'))

function usedEnumValues({ enumValues }: Transaction, node: Node): Remark[] {
  if (enumValues.length === 0 || as(node, 'AlterEnumStmt')) return []
  for (const each of walk(node)) {
    const text = as(each as Node, 'A_Const')?.sval?.sval
    if (text !== undefined && enumValues.includes(text))
      return [
        {
          rule: 'enum-value-used-in-same-transaction',
          detail: text,
          rehearse: 'whether the text is meant as that value',
        },
      ]
  }
  return []
}
