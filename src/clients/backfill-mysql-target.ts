import { RefitError } from '../domain/errors'
import type { Backfill } from '../domain/migrations/backfill'
import { isKeyType, type KeyColumn, mysql as dialect } from '../domain/migrations/backfill-dialect'
import { badTarget } from './backfill-errors'
import type { Answer, Target } from './backfill-session'
import { checkStatements } from './backfill-statements'

type Ask = (text: string) => Promise<Answer>

interface Place {
  schema: string
  name: string
}

/** Looks at table, key and statements in the catalog of MariaDB or MySQL. */
export async function inspectTarget(ask: Ask, backfill: Backfill, database: string): Promise<Target> {
  const { table, key } = backfill
  const dot = table.indexOf('.')
  const place = { schema: dot < 0 ? database : table.slice(0, dot), name: table.slice(dot + 1) }
  const { total, bytes } = await findTable(ask, table, place)
  const columns = await keyColumns(ask, backfill, place)
  const index = await indexOf(ask, place, key)
  if (index === undefined) throw badTarget.notUnique(table, key)
  await checkStatements({ dialect, backfill, columns, index }, (text) => ask(`explain ${text}`))
  return {
    ...{ table: `${place.schema}.${place.name}`, columns, index, bytes, notes: await notesOf(ask, columns) },
    ...(total > 0 ? { estimatedTotal: total } : {}),
  }
}

const where = ({ schema, name }: Place): string =>
  `where table_schema = ${dialect.literal(schema)} and table_name = ${dialect.literal(name)}`

async function findTable(ask: Ask, table: string, place: Place): Promise<{ total: number; bytes: number }> {
  const { rows } = await ask(
    `select table_type as kind, engine as engine, table_rows as total, data_length + index_length as bytes
     from information_schema.tables ${where(place)}`,
  )
  const [found] = rows
  if (!found) throw badTarget.noTable(table)
  if (found.kind !== 'BASE TABLE') throw badTarget.isNoTable(table)
  if (found.engine !== 'InnoDB')
    throw new RefitError(
      'MIGRATION_REFUSED',
      `${table} is a table of engine ${String(found.engine)}, in which a batch can't be undone.`,
      'Convert it to InnoDB first, or run it as a migration of your own.',
    )
  return { total: Number(found.total), bytes: Number(found.bytes) }
}

async function keyColumns(ask: Ask, { table, key }: Backfill, place: Place): Promise<KeyColumn[]> {
  const { rows } = await ask(
    `select column_name as name, lower(column_type) as type, is_nullable = 'YES' as nullable,
       character_set_name as charset, collation_name as collation from information_schema.columns ${where(place)}`,
  )
  const columns = key.flatMap((name) => rows.filter((row) => row.name === name))
  const lacking = key.filter((name) => !rows.some((row) => row.name === name))
  if (lacking.length > 0) throw badTarget.noColumns(table, lacking)
  return columns.map(({ name, type, nullable, charset, collation }) => {
    if (nullable) throw badTarget.nullable(table, String(name))
    if (!isKeyType(String(type))) throw badTarget.unordered(String(name), String(type))
    return {
      ...{ name: String(name), type: String(type) },
      ...(typeof charset === 'string' ? { charset, collation: String(collation) } : {}),
    }
  })
}

/** The unique index that has exactly these columns, whole and ascending, and that the optimizer may use. */
async function indexOf(ask: Ask, place: Place, key: readonly string[]): Promise<string | undefined> {
  const { rows } = await ask(`select * from information_schema.statistics ${where(place)} and non_unique = 0`)
  const parts = rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value])),
  )
  const indexes = new Map<string, typeof parts>()
  for (const part of parts)
    indexes.set(String(part.index_name), [...(indexes.get(String(part.index_name)) ?? []), part])
  const fits = (part: Record<string, unknown>): boolean =>
    part.column_name === key[Number(part.seq_in_index) - 1] &&
    part.sub_part === null &&
    part.collation === 'A' &&
    part.index_type === 'BTREE' &&
    part.ignored !== 'YES' &&
    part.is_visible !== 'NO'
  return [...indexes].find(([, columns]) => columns.length === key.length && columns.every(fits))?.[0]
}

async function notesOf(ask: Ask, columns: readonly KeyColumn[]): Promise<string[]> {
  const sees = await ask('select count(*) from information_schema.innodb_trx').then(
    () => true,
    () => false,
  )
  return [
    "replica lag can't be read on a primary: pauseWhile.replicaLag does nothing here, a pauseWhile.health that knows it does",
    ...(sees ? [] : ["blocked sessions and long transactions can't be seen: grant PROCESS"]),
    ...(columns.some(({ type }) => type.startsWith('timestamp'))
      ? ["the session's time zone is UTC, because the key has a timestamp"]
      : []),
  ]
}
