import type { Node, VariableSetStmt } from 'libpg-query'
import { type Locks } from './locks'
import { all, as, texts } from './tree'

/** What of the session decides how a statement behaves. */
export interface Settings {
  /** ms; undefined: none */
  lockTimeout?: number
  statementTimeout?: number
  timeZone?: string
}

export interface Transaction {
  locks: Locks
  /** constraints added NOT VALID in it, as table.constraint */
  unproven: Set<string>
  /** values of enum types that existed before it */
  enumValues: string[]
  altered: Set<string>
  /** settings to return to at a ROLLBACK */
  before: Settings
}

export interface Session {
  settings: Settings
  /** SET LOCAL: gone at the end of the transaction */
  local: Settings
  transaction?: Transaction
}

export const begin = (settings: Settings): Transaction => ({
  locks: new Map(),
  unproven: new Set(),
  enumValues: [],
  altered: new Set(),
  before: { ...settings },
})

const names: Record<string, keyof Settings> = {
  lock_timeout: 'lockTimeout',
  statement_timeout: 'statementTimeout',
  timezone: 'timeZone',
}

/** The setting in effect. */
export const effective = <K extends keyof Settings>({ settings, local }: Session, name: K): Settings[K] =>
  name in local ? local[name] : settings[name]

/** Applies BEGIN, COMMIT, SET and the like. */
export function advance(session: Session, node: Node): void {
  const transaction = as(node, 'TransactionStmt')
  if (transaction) step(session, transaction.kind ?? '')
  const set = as(node, 'VariableSetStmt')
  if (set) assign(session, set)
  if (as(node, 'DiscardStmt')?.target === 'DISCARD_ALL') session.settings = {}
  for (const { val } of all(as(node, 'SelectStmt')?.targetList, 'ResTarget')) {
    const call = as(val, 'FuncCall')
    if (texts(call?.funcname).at(-1) !== 'set_config') continue
    const [name, value, isLocal] = all(call?.args, 'A_Const')
    put(session, name?.sval?.sval ?? '', value?.sval?.sval, isLocal?.boolval?.boolval === true)
  }
}

function step(session: Session, kind: string): void {
  switch (kind) {
    case 'TRANS_STMT_BEGIN':
    case 'TRANS_STMT_START':
      session.transaction ??= begin(session.settings)
      return
    case 'TRANS_STMT_ROLLBACK':
    case 'TRANS_STMT_COMMIT':
    case 'TRANS_STMT_PREPARE':
      if (kind === 'TRANS_STMT_ROLLBACK' && session.transaction) session.settings = session.transaction.before
      session.local = {}
      delete session.transaction
      return
    default:
  }
}

function assign(session: Session, { kind, name = '', args, is_local }: VariableSetStmt): void {
  if (kind === 'VAR_RESET_ALL') session.settings = {}
  if (kind === 'VAR_RESET' || kind === 'VAR_SET_DEFAULT') put(session, name, undefined, is_local === true)
  if (kind !== 'VAR_SET_VALUE') return
  const [value] = all(args, 'A_Const')
  const number = value?.ival ? (value.ival.ival ?? 0) : undefined
  put(session, name, value?.sval?.sval ?? value?.fval?.fval ?? number?.toString(), is_local === true)
}

function put(session: Session, name: string, value: string | undefined, isLocal: boolean): void {
  const key = names[name.toLowerCase()]
  // SET LOCAL outside of a transaction does nothing but warn.
  if (key === undefined || (isLocal && !session.transaction)) return
  const parsed = value === undefined ? undefined : key === 'timeZone' ? value.toLowerCase() : milliseconds(value)
  if (!isLocal) {
    delete session.local[key]
    session.settings = { ...session.settings, [key]: parsed }
  } else session.local = { ...session.local, [key]: parsed }
}

const units: Record<string, number> = { us: 0.001, ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 }

/** `1s`, `500`, `'2 min'`; 0 means none. */
export function milliseconds(text: string): number | undefined {
  const [, number, unit = 'ms'] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)?\s*$/.exec(text) ?? []
  const factor = units[unit]
  const value = number === undefined || factor === undefined ? 0 : Number(number) * factor
  return value > 0 ? value : undefined
}

/** Whether timestamps with and without zone are the same bytes; undefined: nothing was set. */
export function isUtc(session: Session): boolean | undefined {
  const zone = effective(session, 'timeZone')
  return zone === undefined ? undefined : ['utc', 'etc/utc', 'gmt', 'etc/gmt', 'uct', 'zulu', '0'].includes(zone)
}
