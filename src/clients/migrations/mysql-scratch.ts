import { createHash, randomBytes } from 'node:crypto'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { RefitError } from '../../domain/errors'
import { clean } from '../../domain/text'
import { mysqlFingerprint } from './mysql-fingerprint'
import type { SchemaFingerprint } from './schema-fingerprint'
import type { CopyOptions, Scratch } from './scratch'

const systemSchemas = ['mysql', 'information_schema', 'performance_schema', 'sys']

/** Opens a throw-away MySQL or MariaDB: each copy is a database (schema) of its own there, with rows. */
export async function openMysqlScratch({ url, schema, useExisting }: CopyOptions): Promise<Scratch> {
  const admin = await mysqlConnection(atSchema(url, ''))
  const made: string[] = []
  const remove = async (): Promise<void> => {
    for (const name of made.splice(0).reverse()) {
      await endSessions(admin, name)
      await admin.query(`drop database if exists ${quoted(name)}`)
    }
    await admin.end()
  }
  const create = async (of: string | undefined): Promise<string> => {
    const name = `refit_rehearsal_${randomBytes(6).toString('hex')}`
    await admin.query(`create database ${quoted(name)}`)
    made.push(name)
    if (of !== undefined) {
      if (made.includes(of)) await endSessions(admin, of)
      await copySchema(admin, of, name)
    }
    return atSchema(url, name)
  }
  try {
    const base = schemaOf(url)
    const version = await checked(admin, base, { schema, useExisting: useExisting ?? false })
    const origin = await create(schema === undefined ? base : undefined)
    if (schema !== undefined) await build(origin, schema)
    return { version, origin, copy: (of) => create(schemaOf(of)), remove }
  } catch (error) {
    await remove()
    throw error instanceof RefitError ? error : unusable(error)
  }
}

/** Whether an address is of a MySQL or MariaDB. */

/** A login that may do anything in the database of this URL, and nothing elsewhere; the URL with it. */
export async function mysqlLoginFor(url: string): Promise<{ url: string; remove: () => Promise<void> }> {
  const name = `refit_${randomBytes(6).toString('hex')}`
  const password = randomBytes(18).toString('hex')
  const run = (sql: string): Promise<void> =>
    withMysql(atSchema(url, ''), async (admin) => void (await admin.query(sql)))
  await run(
    `create user '${name}'@'%' identified by '${password}'; grant all on ${quoted(schemaOf(url))}.* to '${name}'@'%'`,
  )
  const other = new URL(url)
  other.username = name
  other.password = password
  return { url: other.toString(), remove: () => run(`drop user if exists '${name}'@'%'`) }
}

export const mysqlVersion = (url: string): Promise<string> =>
  withMysql(url, async (connection) => {
    const [rows] = await connection.query<RowDataPacket[]>('select version() as version')
    return String(rows[0]?.version)
  })

/** A connection to the database of the URL. DATABASE_UNAVAILABLE. */
export async function mysqlConnection(url: string): Promise<Connection> {
  try {
    const uri = url.replace(/^mariadb:/i, 'mysql:')
    const connection = await createConnection({ uri, connectTimeout: 10_000, multipleStatements: true })
    // Losing it breaks the query that runs, not the process.
    connection.on('error', () => undefined)
    return connection
  } catch (error) {
    throw unusable(error)
  }
}

/** Runs `work` on one connection. */
export async function withMysql<T>(url: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await mysqlConnection(url)
  try {
    return await work(connection)
  } finally {
    connection.destroy()
  }
}

/** The same for two copies: a view names its database in its text. */
export async function mysqlFingerprintOf(url: string): Promise<SchemaFingerprint> {
  const found = await withMysql(url, mysqlFingerprint)
  const own = `${quoted(schemaOf(url))}.`
  const items = found.items.map((item) => ({ ...item, text: item.text.replaceAll(own, '') }))
  const text = found.text.replaceAll(own, '')
  return { items, text, sha256: createHash('sha256').update(text).digest('hex') }
}

export const schemaOf = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1))

export function atSchema(url: string, name: string): string {
  const other = new URL(url)
  other.pathname = `/${encodeURIComponent(name)}`
  return other.toString()
}

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``

async function checked(
  admin: Connection,
  base: string,
  { schema, useExisting }: { schema: string | undefined; useExisting: boolean },
): Promise<string> {
  if (base === '' || systemSchemas.includes(base.toLowerCase()))
    throw new RefitError(
      'USAGE',
      '--copy names no database of its own.',
      'Write mysql://user:password@host:3306/database.',
    )
  const [rows] = await admin.query<RowDataPacket[]>(
    'select version() as version, (select count(*) from information_schema.tables where table_schema = ?) as tables',
    [base],
  )
  const { version, tables } = rows[0] as { version: string; tables: number }
  if (schema === undefined && tables > 0 && !useExisting)
    throw new RefitError(
      'USAGE',
      `The database of --copy has ${tables} tables and views that no rehearsal made.`,
      'Say --use-existing if it is a restored copy, or name an empty database and build it with --schema FILE.',
    )
  return /mariadb/i.test(version) ? `MariaDB ${version.replace(/-.*/, '')}` : `MySQL ${version}`
}

/** Rows too: what is refused may be refused because of them. */
async function copySchema(admin: Connection, from: string, to: string): Promise<void> {
  const rowsOf = async (sql: string, values: unknown[] = [from]): Promise<RowDataPacket[]> =>
    (await admin.query<RowDataPacket[]>(sql, values))[0]
  const names = async (what: string): Promise<string[]> => (await rowsOf(what)).map(({ name }) => String(name))
  const created = async (kind: string, name: string, column: string): Promise<string> =>
    String((await rowsOf(`show create ${kind} ${quoted(from)}.${quoted(name)}`))[0]?.[column]).replaceAll(
      `${quoted(from)}.`,
      '',
    )
  await admin.query(`use ${quoted(to)}; set foreign_key_checks = 0, unique_checks = 0`)
  const inSchema = 'from information_schema.tables where table_schema = ? and table_type'
  for (const table of await names(`select table_name as name ${inSchema} = 'BASE TABLE' order by 1`)) {
    await admin.query(await created('table', table, 'Create Table'))
    const columns = await rowsOf(
      "select column_name as name from information_schema.columns where table_schema = ? and table_name = ? and extra not like '%GENERATED%'",
      [from, table],
    )
    const list = columns.map(({ name }) => quoted(String(name))).join(', ')
    await admin.query(`insert into ${quoted(table)} (${list}) select ${list} from ${quoted(from)}.${quoted(table)}`)
  }
  for (const kind of ['function', 'procedure'])
    for (const name of await names(
      `select routine_name as name from information_schema.routines where routine_schema = ? and routine_type = '${kind}'`,
    ))
      await admin.query(await created(kind, name, `Create ${kind === 'function' ? 'Function' : 'Procedure'}`))
  await eachUntilDone(await names(`select table_name as name ${inSchema} = 'VIEW'`), async (view) => {
    await admin.query(await created('view', view, 'Create View'))
  })
  for (const trigger of await names(
    'select trigger_name as name from information_schema.triggers where trigger_schema = ?',
  ))
    await admin.query(await created('trigger', trigger, 'SQL Original Statement'))
  await admin.query('set foreign_key_checks = 1, unique_checks = 1')
}

/** A view may need another one first; one that no longer fits its tables can't be made, and is left out. */
async function eachUntilDone(names: string[], make: (name: string) => Promise<void>): Promise<void> {
  for (let left = names; left.length > 0;) {
    const failed: string[] = []
    for (const name of left) await make(name).catch(() => failed.push(name))
    if (failed.length === left.length) return
    left = failed
  }
}

/** What a stopped migration left behind may still run. */
async function endSessions(admin: Connection, schema: string): Promise<void> {
  const [rows] = await admin.query<RowDataPacket[]>(
    'select id from information_schema.processlist where db = ? and id <> connection_id()',
    [schema],
  )
  for (const { id } of rows) await admin.query(`kill ${Number(id)}`).catch(() => undefined)
}

async function build(url: string, schema: string): Promise<void> {
  try {
    await withMysql(url, (connection) => connection.query(schema))
  } catch (error) {
    throw new RefitError(
      'USAGE',
      `The file of --schema can't be built: ${clean(error instanceof Error ? error.message : String(error), 300)}.`,
      'Make it with mysqldump --no-data --skip-triggers, of a server of the same version.',
      { cause: error },
    )
  }
}

/** Only the code: messages of drivers may repeat the address. */
const unusable = (error: unknown): RefitError =>
  new RefitError(
    'DATABASE_UNAVAILABLE',
    `The server of --copy can't be used (${(error as { code?: string }).code ?? 'connection failed'}).`,
    'Check the address of --copy, and that its login may make and drop databases there.',
    { cause: error },
  )
