import { createHash } from 'node:crypto'
import type { Connection } from 'mysql2/promise'
import { mysql as dialect } from '../domain/migrations/backfill-dialect'
import { mysqlFailure } from '../domain/migrations/backfill-failure'
import { change, firstLeft, type Keyed, type KeyRange } from '../domain/migrations/backfill-sql'
import { backfillError, proofTimeoutMinutes, proofTooSlow } from './backfill-errors'
import { answered, connect, type Fit, fitSession, settle } from './backfill-mysql-connection'
import { mysqlSignals } from './backfill-mysql-signals'
import { inspectTarget } from './backfill-mysql-target'
import { own, tables } from './backfill-mysql-tables'
import type { Answer, BackfillSession, BatchLimits } from './backfill-session'

/** Batches that gave up on a lock at once, after which one may wait a second for it, so that it gets its turn. */
const impatient = 5

/**
 * A session on MariaDB or MySQL. MIGRATION_REFUSED on a replica, where the binary log would get statements, and behind a
 * pooler that shows itself; one that doesn't loses the lease at its first batch on another session.
 */
export async function openMysql(url: string): Promise<BackfillSession> {
  const connection = await connect(url).catch((error: unknown) => {
    throw errorOf(error, 'MariaDB/MySQL')
  })
  const close = () => connection.end().catch(() => connection.destroy())
  try {
    const seen = await fitSession(connection)
    await settle(connection, seen.isMariaDb)
    return sessionOn(connection, url, seen, close)
  } catch (error) {
    await close()
    throw errorOf(error, 'MariaDB/MySQL')
  }
}

const numberOf = (error: unknown): number | undefined => (error as { errno?: number } | null)?.errno
const failure = (error: unknown) => mysqlFailure(numberOf(error))
const errorOf = (error: unknown, engine: string): unknown =>
  backfillError(error, engine, () => {
    const number = numberOf(error) ?? 0
    if ([1045, 1049, 1698].includes(number)) return 'login'
    if ([1044, 1142, 1143, 1227, 1370].includes(number)) return 'right'
    return failure(error) === 'fail' ? 'wrong' : 'lost'
  })

function sessionOn(connection: Connection, url: string, seen: Fit, close: () => Promise<void>): BackfillSession {
  const { id, isMariaDb } = seen
  const engine = isMariaDb ? 'MariaDB' : 'MySQL'
  const query = async (text: string) => answered(await connection.query(text))
  const yes = async (condition: string) => Number((await query(`select ${condition} as yes`)).rows[0]?.yes) > 0
  const lock = (name: string) => `'refit/${createHash('sha1').update(name).digest('hex')}'`
  const timeouts = (seconds: number) =>
    isMariaDb ? `max_statement_time = ${seconds}` : `max_execution_time = ${Math.round(seconds * 1_000)}`
  let set = ''
  return {
    ...{ engine, id, dialect, own, query, close, failure, errorOf: (error) => errorOf(error, engine) },
    async together(texts) {
      const answers: Answer[] = []
      for (const text of texts) answers.push(await query(text))
      return answers
    },
    begin(limits) {
      const settings = `set session ${timeouts(limits.statementTimeoutMs / 1_000)}, ${lockTimeouts(limits, isMariaDb)}`
      const changed = settings !== set
      set = settings
      return [...(changed ? [settings] : []), 'start transaction read write']
    },
    tryLock: (name) => yes(`get_lock(${lock(name)}, 0)`),
    unlock: async (name) => void (await query(`select release_lock(${lock(name)})`)),
    isLocked: (name) => yes(`is_used_lock(${lock(name)}) is not null`),
    holds: (name) => `is_used_lock(${lock(name)}) = connection_id()`,
    hasTables: () =>
      yes(
        `(select count(*) = 2 from information_schema.tables where table_schema = database() and table_name in ('${own.lease}', '${own.backfill}'))`,
      ),
    async makeTables() {
      for (const text of tables) await query(text)
    },
    async inspect(backfill) {
      const target = await inspectTarget(query, backfill, seen.database)
      // An hour that comes twice a year would be two moments with one key.
      if (target.columns.some(({ type }) => type.startsWith('timestamp')))
        await query(`set session time_zone = '+00:00'`)
      return target
    },
    explain: async (text) => (await query(`explain ${text}`)).rows.map(planLine),
    change: (keyed, range) => changeRows(query, keyed, range),
    async finds(text) {
      set = ''
      await query(`set session ${timeouts(proofTimeoutMinutes * 60)}, lock_wait_timeout = 5`)
      try {
        await query('start transaction read only')
        const { rows } = await query(text)
        await query('commit')
        return rows.length > 0
      } catch (error) {
        await query('rollback').catch(() => undefined)
        throw failure(error) === 'split' ? proofTooSlow() : error
      }
    },
    // No transaction that is read only: an UPDATE isn't even explained in it.
    readOnly: async () => void (await query(`set session ${timeouts(30)}, lock_wait_timeout = 5`)),
    signals: () => mysqlSignals(url, id, isMariaDb),
  }
}

/** Both know seconds only; MariaDB's 0 gives up at once, which holds nobody up. Of table metadata, too. */
function lockTimeouts({ lockTimeoutMs, locked = 0 }: BatchLimits, isMariaDb: boolean): string {
  const seconds = Math.max(Math.floor(lockTimeoutMs / 1_000), isMariaDb && locked < impatient ? 0 : 1)
  return `innodb_lock_wait_timeout = ${seconds}, lock_wait_timeout = ${Math.max(seconds, 1)}`
}

/**
 * An UPDATE doesn't answer with its rows, so `where` is asked about afterwards. What it finds may have landed since; only a
 * row that was there when the change was made once more, and is left again, tells that the change doesn't do its work.
 */
async function changeRows(
  query: (text: string) => Promise<Answer>,
  keyed: Keyed,
  range: KeyRange,
): Promise<{ changed: number; still: number }> {
  const declared = keyed.backfill.change
  if (declared.kind === 'statement') return { changed: (await query(change(keyed, range))).count, still: 0 }
  const suspects = new Set<string>()
  for (;;) {
    await query('savepoint refit_change')
    const { count } = await query(change(keyed, range))
    const [left] = (await query(firstLeft(keyed, range, declared.where))).rows
    if (!left) return { changed: count, still: 0 }
    const suspect = JSON.stringify(Object.values(left))
    if (suspects.has(suspect)) return { changed: count, still: 1 }
    suspects.add(suspect)
    await query('rollback to savepoint refit_change')
  }
}

const planLine = ({ table, type, key, rows, Extra: extra }: Answer['rows'][number]): string =>
  `${[`table ${String(table)}`, `access ${String(type)}`, `index ${String(key)}`, `rows ${String(rows)}`, extra].filter(Boolean).join(', ')}`
