import type { Knex } from 'knex'
import { RefitError } from '../domain/errors'
import type { AppliedMigrations } from '../domain/migrations/prediction'
import { clean } from '../domain/text'
import { openOne } from './quiet-knex'

export type DatabaseEngine = 'postgresql' | 'mysql'

/** What a service's own knex tables say. */
export interface AppliedRead extends AppliedMigrations {
  engine: DatabaseEngine
  /** undefined when the database has no table of knex's: nothing was ever applied */
  table?: string
}

interface Question {
  /** postgres://, mysql:// or mariadb://; never shown */
  url: string
  /** how the database is called in errors */
  place: string
  /** by default the one that has a lock table beside it */
  table?: string
  /** a table that is likely to be it, and is not there in vain */
  hint?: string
  /** of PostgreSQL; by default the connection's own */
  schema?: string
  timeoutMs?: number
}

const defaultTimeoutMs = 10_000
const maxNames = 20_000

/**
 * Reads which migrations are applied, in order, and whether knex's lock is held; in a transaction that can't write. Throws
 * DATABASE_UNAVAILABLE when it can't be read, CONFIG_INVALID for an address of another kind, USAGE when the table isn't there
 * or several could be it.
 */
export async function readApplied(question: Question): Promise<AppliedRead> {
  const { url, place, timeoutMs = defaultTimeoutMs } = question
  const engine = engineOf(url, place)
  const db = openOne(url, timeoutMs)
  try {
    return await db.transaction(
      async (trx) => {
        await bound(trx, engine, timeoutMs)
        return { engine, ...(await read(trx, engine, question)) }
      },
      { readOnly: true },
    )
  } catch (error) {
    throw error instanceof RefitError ? error : unreadable(error, place)
  } finally {
    await db.destroy()
  }
}

function engineOf(url: string, place: string): DatabaseEngine {
  if (/^postgres(?:ql)?:\/\//i.test(url)) return 'postgresql'
  if (/^(?:mysql|mariadb):\/\//i.test(url)) return 'mysql'
  throw new RefitError(
    'CONFIG_INVALID',
    `${place} is no address of a PostgreSQL or MySQL/MariaDB.`,
    'Write it like postgres://user:password@host:5432/database or mysql://user:password@host:3306/database.',
  )
}

/** The server itself ends what takes too long: a driver that gives up leaves its statement waiting there. */
async function bound(db: Knex, engine: DatabaseEngine, timeoutMs: number): Promise<void> {
  if (engine === 'postgresql') return db.raw(`set local statement_timeout = ${Math.round(timeoutMs)}`)
  const seconds = Math.ceil(timeoutMs / 1_000)
  await db.raw(`set session lock_wait_timeout = ${seconds}`)
  const [rows] = await db.raw<[{ version: string }[]]>('select version() as version')
  const isMariaDb = /mariadb/i.test(rows?.[0]?.version ?? '')
  await db.raw(
    isMariaDb
      ? `set session max_statement_time = ${seconds}`
      : `set session max_execution_time = ${Math.round(timeoutMs)}`,
  )
}

async function read(
  db: Knex,
  engine: DatabaseEngine,
  { table, hint, schema, place }: Question,
): Promise<Omit<AppliedRead, 'engine'>> {
  const here = schema ?? (engine === 'postgresql' ? db.raw('current_schema()') : db.raw('database()'))
  const tables = await db('information_schema.tables')
    .where({ table_schema: here })
    .select<TableRow[]>(db.ref('table_name').as('name'))
  const names = new Set(tables.map(({ name }) => name))
  const pairs = [...names].filter((name) => names.has(`${name}_lock`))
  if (table !== undefined && !names.has(table))
    throw new RefitError('USAGE', `${place} has no table ${clean(table, 80)}.`, 'Check --table, or leave it out.')
  const likely = hint !== undefined && names.has(hint) ? hint : undefined
  const at = (name: string): Knex.QueryBuilder => (schema === undefined ? db(name) : db.withSchema(schema).from(name))
  const found = table ?? likely ?? (await oneOf(at, pairs, place))
  if (found === undefined) return { names: [], locked: false }
  const rows = (await at(found)
    .orderBy('id')
    .select('name')
    .limit(maxNames + 1)) as { name: unknown }[]
  if (rows.length > maxNames)
    throw new RefitError(
      'USAGE',
      `${place} has over ${maxNames} rows in ${clean(found, 80)}.`,
      'Name the list that is knex’s: --table NAME.',
    )
  const lockTable = `${found}_lock`
  const lock = names.has(lockTable) ? await at(lockTable).select<LockRow[]>('is_locked') : []
  return { table: found, names: rows.map(({ name }) => String(name)), locked: isLocked(lock) }
}

interface TableRow {
  name: string
}

interface LockRow {
  is_locked: unknown
}

/** knex takes the lock by changing exactly one row; without a row it makes one. */
const isLocked = (rows: LockRow[]): boolean =>
  rows.length > 0 && rows.filter(({ is_locked }) => Number(is_locked) === 0).length !== 1

/** Of the tables with a lock table beside them the one that has knex's columns. Refit's own lists are not the service's. */
async function oneOf(
  at: (name: string) => Knex.QueryBuilder,
  pairs: string[],
  place: string,
): Promise<string | undefined> {
  const usable: string[] = []
  for (const name of pairs.filter((each) => !each.startsWith('refit_'))) {
    const columns = Object.keys(await at(name).columnInfo())
    if (['name', 'batch', 'migration_time'].every((each) => columns.includes(each))) usable.push(name)
  }
  if (usable.length > 1)
    throw new RefitError(
      'USAGE',
      `${place} has several lists of applied migrations: ${usable.map((each) => clean(each, 80)).join(', ')}.`,
      'Say which one is the service’s: --table NAME.',
    )
  return usable[0]
}

/** Only the code: messages of drivers may repeat what was asked. */
function unreadable(error: unknown, place: string): RefitError {
  const { code, errors, message = '' } = error as { code?: unknown; errors?: { code?: unknown }[]; message?: string }
  const found = code ?? errors?.[0]?.code
  const why = typeof found === 'string' ? found : /time(?:d )?out/i.test(message) ? 'timeout' : 'connection failed'
  return new RefitError(
    'DATABASE_UNAVAILABLE',
    `The database that ${place} names can't be read (${why}).`,
    `Check its address, and that the login may read knex's tables there.`,
    { cause: error },
  )
}
