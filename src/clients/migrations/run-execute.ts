import { performance } from 'node:perf_hooks'
import pLimit from 'p-limit'
import { isLockError, lockTimeoutMs, mostTries, waitLeftMs } from '../../domain/migrations/lock-ladder'
import { sentStatement, type SentStatement } from '../../domain/migrations/sent-statement'
import type { Answer, RunSession, Watch } from './run-session'

/**
 * `whole`: one transaction that Refit begins and ends. `single`: each statement by itself. `mixed`: MySQL's, where a statement
 * that changes the schema commits what came before it.
 */
export type Mode = 'whole' | 'single' | 'mixed'

export interface ExecuteOptions {
  session: RunSession
  mode: Mode
  watch: Watch
  /** of the whole file, counted from 1 */
  attempt: number
  /** a statement that changes the schema may take so long; 0 means no end */
  ddlMs: number
  /** a transaction may keep others from a table for so long */
  heldMs: number
  /** is told when the server has ended a statement for that */
  onHeld: () => void
  /** before rows may be changed for good */
  beforeWrite: () => Promise<void>
  /** begins the transaction, under the lease */
  begin: () => Promise<void>
  /** waits before a statement is tried again; counted from 1 */
  pause: (attempt: number) => Promise<void>
}

export interface Executor {
  execute(sql: string, values: readonly unknown[]): Promise<Answer>
  /** ends what runs, and refuses what comes: others have waited for too long */
  stop(why: Error): void
  /** why it was stopped */
  stopped?: Error
  /** a statement waited for a lock in vain */
  lockFailed: boolean
  /** whether a statement runs now */
  isBusy: boolean
}

/** The way of a file's statements to the database, one after the other, each with its timeouts. */
export function executorOf(options: ExecuteOptions): Executor {
  const { session, mode } = options
  const inTurn = pLimit(1)
  let ownTimeout = false
  let pendingRows = false
  const executor: Executor = {
    lockFailed: false,
    isBusy: false,
    execute: (sql, values) => inTurn(() => run(sql, values)),
    stop(why) {
      executor.stopped = why
      if (executor.isBusy) void options.watch.cancel().catch(() => undefined)
      else if (mode === 'whole') void inTurn(() => session.query('rollback')).catch(() => undefined)
    },
  }
  return executor

  async function run(sql: string, values: readonly unknown[]): Promise<Answer> {
    if (executor.stopped) throw executor.stopped
    const statement = sentStatement(sql)
    // Its beginning and its end are the runner's, so that the record is in it.
    if (statement.isControl && mode !== 'single') return nothing(session)
    ownTimeout ||= statement.setsTimeout
    if (mode === 'mixed' && statement.changesSchema) return commitsFirst(sql, values, statement)
    if (statement.writesRows && mode === 'single') await options.beforeWrite()
    if (statement.writesRows) pendingRows = true
    if (mode === 'single' && !session.isInTransaction()) return again(sql, values, statement)
    return once(sql, values, statement, options.attempt)
  }

  /** Nothing is kept from others while it waits, and what it commits is on record. */
  async function commitsFirst(sql: string, values: readonly unknown[], statement: SentStatement): Promise<Answer> {
    if (pendingRows || statement.writesRows) await options.beforeWrite()
    pendingRows = false
    await session.query('commit')
    const answer = await again(sql, values, statement)
    await options.begin()
    return answer
  }

  /** A statement by itself has changed nothing when it got no lock, and is tried again in its place. */
  async function again(sql: string, values: readonly unknown[], statement: SentStatement): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(sql, values, statement, attempt)
      } catch (error) {
        if (!isLockError(lockCode(error)) || attempt >= mostTries || executor.stopped) throw error
        await options.pause(attempt)
        executor.lockFailed = false
      }
    }
  }

  async function once(
    sql: string,
    values: readonly unknown[],
    statement: SentStatement,
    attempt: number,
  ): Promise<Answer> {
    let isCapped = false
    // In a transaction that has failed only this can be said.
    if (!/^\s*rollback\b/i.test(sql)) {
      await options.watch.look()
      const left = heldLeft()
      const own = timeOf(statement)
      isCapped = left !== undefined && (own === undefined || own === 0 || left < own)
      await session.bound({ lockMs: waitOf(statement, attempt), statementMs: isCapped ? left : own })
    }
    if (executor.stopped) throw executor.stopped
    executor.isBusy = true
    try {
      return await session.query(sql, values)
    } catch (error) {
      if (isCapped && lockCode(error) === '57014') options.onHeld()
      const isLock = isLockError(lockCode(error))
      executor.lockFailed ||= isLock
      // Nobody waits for what is given up anyway until its process has ended.
      if (mode === 'whole' && (isLock || executor.stopped)) {
        executor.stopped ??= error as Error
        await session.query('rollback').catch(() => undefined)
      }
      throw executor.stopped ?? error
    } finally {
      executor.isBusy = false
    }
  }

  function waitOf({ isGentle }: SentStatement, attempt: number): number {
    // Waiting for others' transactions is its work, and keeps nobody waiting.
    if (isGentle && mode === 'single') return 0
    const since = options.watch.heldSince()
    return since === undefined ? lockTimeoutMs(attempt) : waitLeftMs(attempt, performance.now() - since)
  }

  /** The server sees to it, too: it needs nobody to be awake. */
  function heldLeft(): number | undefined {
    const since = options.watch.heldSince()
    if (since === undefined || options.heldMs === Infinity) return undefined
    return Math.max(1, options.heldMs - (performance.now() - since))
  }

  function timeOf({ isGentle, changesSchema }: SentStatement): number | undefined {
    if (ownTimeout) return undefined
    return changesSchema && !isGentle ? options.ddlMs : 0
  }
}

/** PostgreSQL's SQLSTATE, or MySQL's number. */
export function lockCode(error: unknown): string | number | undefined {
  const { code, errno } = (error ?? {}) as { code?: unknown; errno?: unknown }
  if (typeof errno === 'number' && errno > 0) return errno
  return typeof code === 'string' ? code : undefined
}

const nothing = ({ engine }: RunSession): Answer => ({
  rows: [],
  forKnex: engine === 'postgresql' ? { command: '', rowCount: null, rows: [], fields: [] } : [[], []],
})
