import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { RefitError } from '../../domain/errors'
import { clean } from '../../domain/text'
import { databaseError } from '../../store/guard'

export interface Scratch {
  /** the server's version in words, such as 18.4 */
  version: string
  /** a database with the schema to begin with; its URL */
  origin: string
  /** a copy of one of these databases, whose sessions are ended; its URL */
  copy(of: string): Promise<string>
  /** drops every database that was made, also while somebody is connected */
  remove(): Promise<void>
}

export interface CopyOptions {
  /** a superuser's URL of a throw-away server */
  url: string
  /** SQL that builds the schema; the database of the URL itself is not looked at */
  schema?: string
  /** the database of the URL is a restored copy, with its tables */
  useExisting?: boolean
}

/** Opens the throw-away server, and makes the base of all copies. */
export async function openScratch({ url, schema, useExisting }: CopyOptions): Promise<Scratch> {
  const base = databaseOf(url)
  const admin = await connected(atDatabase(url, base === 'postgres' ? 'template1' : 'postgres'))
  const made: string[] = []
  const remove = async (): Promise<void> => {
    for (const name of made.splice(0).reverse()) await admin.query(`drop database if exists "${name}" with (force)`)
    await admin.end()
  }
  const create = async (template: string): Promise<string> => {
    const name = `refit_rehearsal_${randomBytes(6).toString('hex')}`
    if (made.includes(template)) await endSessions(admin, template)
    await createDatabase(admin, name, template)
    made.push(name)
    return atDatabase(url, name)
  }
  try {
    const version = await checkServer(admin)
    if (schema === undefined) await checkBase(url, useExisting ?? false)
    const origin = await create(schema === undefined ? base : 'template0')
    if (schema !== undefined) await build(origin, schema)
    return { version, origin, copy: (of) => create(databaseOf(of)), remove }
  } catch (error) {
    await remove()
    throw databaseError(error, 'the address of --copy')
  }
}

/** Runs `work` on one connection. */
export async function withDatabase<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connected(url)
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** A connection; losing it breaks the query that runs, not the process. */
export async function connected(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'refit-rehearsal',
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (error) {
    throw databaseError(error, 'the address of --copy')
  }
  return client
}

/** What a stopped migration left behind may still run. */
const endSessions = (admin: Client, database: string): Promise<unknown> =>
  admin.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [database])

const inUse = '55006'

/** A session that has just ended is seen for a moment longer. */
async function createDatabase(admin: Client, name: string, template: string): Promise<void> {
  for (let tries = 100; ; tries -= 1) {
    try {
      await admin.query(`create database "${name}" template "${template.replaceAll('"', '""')}"`)
      return
    } catch (error) {
      if ((error as { code?: unknown }).code !== inUse) throw error
      if (tries === 0)
        throw new RefitError(
          'USAGE',
          `Database ${template} can't be copied: somebody is connected to it.`,
          'End every session on it, or name another database with --copy.',
          { cause: error },
        )
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

async function checkServer(admin: Client): Promise<string> {
  const { rows } = await admin.query<{ version: string; super: boolean }>(
    `select split_part(current_setting('server_version'), ' ', 1) as version, rolsuper as super from pg_roles where rolname = current_user`,
  )
  if (!rows[0]?.super)
    throw new RefitError(
      'USAGE',
      'The login of --copy is no superuser.',
      'A rehearsal makes and drops databases: give it a throw-away server of its own, never production.',
    )
  return rows[0].version
}

/** Copying a database needs it to have no other connection, so this one ends first. */
async function checkBase(url: string, useExisting: boolean): Promise<void> {
  const count = await withDatabase(url, async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'm', 'v', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`,
    )
    return rows[0]?.count ?? 0
  })
  if (count > 0 && !useExisting)
    throw new RefitError(
      'USAGE',
      `The database of --copy has ${count} tables and views that no rehearsal made.`,
      'Say --use-existing if it is a restored copy, or name an empty database and build it with --schema FILE.',
    )
}

async function build(url: string, schema: string): Promise<void> {
  try {
    await withDatabase(url, (client) => client.query(schema))
  } catch (error) {
    if (error instanceof RefitError) throw error
    throw new RefitError(
      'USAGE',
      `The file of --schema can't be built: ${clean(error instanceof Error ? error.message : String(error), 300)}.`,
      'Make it with pg_dump --schema-only --no-owner --no-privileges, of at least the version of the server of --copy.',
      { cause: error },
    )
  }
}

const databaseOf = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1)) || 'postgres'

function atDatabase(url: string, database: string): string {
  const other = new URL(url)
  other.pathname = `/${encodeURIComponent(database)}`
  return other.toString()
}
