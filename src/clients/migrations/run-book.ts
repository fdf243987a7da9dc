import { createHash } from 'node:crypto'
import knex from 'knex'
import type { MigrationPhase } from '../../domain/migration'
import type { SchemaItem } from '../../domain/migrations/schema-items'
import type { Lease } from '../backfill-lease'
import type { Fingerprint, RunSession } from './run-session'

export interface Attempt {
  name: string
  sha256: string
  state: 'started' | 'dirty' | 'applied'
  /** of the schema, just before it started; undefined for a file that was one transaction */
  before?: string
  schemaBefore: SchemaItem[]
  invalidBefore: string[]
  wrote: boolean
}

export interface FileToRecord {
  name: string
  sha256: string
}

/** What is written of a run into the operator's database. */
export interface RunBook {
  /** knex's list of one service's phase */
  list: string
  applied(): Promise<string[]>
  attempts(): Promise<Map<string, Attempt>>
  /** before the first statement of a file that is no transaction */
  started(file: FileToRecord, lease: Lease, schema: Fingerprint, invalid: readonly string[]): Promise<void>
  /** before it may change rows for good */
  wrote(file: FileToRecord): Promise<void>
  dirty(file: FileToRecord): Promise<void>
  forget(file: FileToRecord): Promise<void>
  /** in the transaction that is open */
  record(file: FileToRecord, lease: Lease): Promise<void>
}

/** Makes the list, as knex would, where it is missing. */
export async function openBook(session: RunSession, list: string, phase: MigrationPhase): Promise<RunBook> {
  const isPostgres = session.engine === 'postgresql'
  const sql = knex({ client: isPostgres ? 'pg' : 'mysql2' })
  const table = listName(list, phase)
  const attempts = isPostgres ? 'refit.migration_attempt' : 'refit_migration_attempt'
  const ask = async (builder: { toSQL(): { toNative(): { sql: string; bindings: readonly unknown[] } } }) => {
    const { sql: text, bindings } = builder.toSQL().toNative()
    return (await session.query(text, bindings)).rows
  }
  const at = ({ name }: { name: string }) => sql(attempts).where({ list: table, name })
  const applied = async (): Promise<string[]> =>
    (await ask(sql(table).select('name').orderBy('id'))).map(({ name }) => String(name))

  if (!(await hasTable(session, table)))
    for (const { sql: text } of sql.schema
      .createTable(table, (columns) => {
        columns.increments()
        columns.string('name')
        columns.integer('batch')
        columns.timestamp('migration_time')
      })
      .toSQL())
      await session.query(text)
  return {
    list: table,
    applied,
    async attempts() {
      const rows = await ask(sql(attempts).where({ list: table }))
      return new Map(rows.map((row) => [String(row.name), attemptOf(row)]))
    },
    async started({ name, sha256 }, { owner, token }, schema, invalid) {
      const row = {
        ...{ list: table, name, sha256, owner, token, state: 'started', before: schema.sha256, wrote: false },
        ...{ schema_before: JSON.stringify(schema.items), invalid_before: JSON.stringify(invalid) },
        ...{ started_at: sql.fn.now(), ended_at: null },
      }
      await ask(sql(attempts).insert(row).onConflict(['list', 'name']).merge())
    },
    wrote: async (file) => void (await ask(at(file).update({ wrote: true }))),
    dirty: async (file) => void (await ask(at(file).update({ state: 'dirty' }))),
    forget: async (file) => void (await ask(at(file).delete())),
    async record({ name, sha256 }, { owner, token }) {
      const [last] = await ask(sql(table).max('batch as batch'))
      await ask(sql(table).insert({ name, batch: Number(last?.batch ?? 0) + 1, migration_time: sql.fn.now() }))
      const row = {
        ...{ list: table, name, sha256, owner, token, state: 'applied', ended_at: sql.fn.now() },
        ...{ before: null, schema_before: null, invalid_before: null },
      }
      await ask(sql(attempts).insert(row).onConflict(['list', 'name']).merge())
    },
  }
}

async function hasTable(session: RunSession, name: string): Promise<boolean> {
  const { rows } =
    session.engine === 'postgresql'
      ? await session.query('select 1 as is where to_regclass($1) is not null', [name])
      : await session.query(
          'select 1 from information_schema.tables where table_schema = database() and table_name = ?',
          [name],
        )
  return rows.length > 0
}

/** A table name of at most 63 bytes that no other service's list has. */
export function listName(list: string, phase: MigrationPhase): string {
  const digest = createHash('sha256').update(list).digest('hex').slice(0, 8)
  return `refit_${list.replace(/[^a-z0-9]+/g, '_').slice(0, 30)}_${digest}_${phase}`
}

const attemptOf = (row: Record<string, unknown>): Attempt => ({
  name: String(row.name),
  sha256: String(row.sha256),
  state: row.state as Attempt['state'],
  ...(row.before === null ? {} : { before: row.before as string }),
  schemaBefore: parsed<SchemaItem>(row.schema_before),
  invalidBefore: parsed<string>(row.invalid_before),
  wrote: Boolean(row.wrote),
})

const parsed = <T>(value: unknown): T[] => (typeof value === 'string' ? (JSON.parse(value) as T[]) : [])
