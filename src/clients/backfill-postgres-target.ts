import type { Backfill } from '../domain/migrations/backfill'
import { postgresql as dialect, type KeyColumn } from '../domain/migrations/backfill-dialect'
import { quotedTable } from '../domain/migrations/backfill-sql'
import { badTarget } from './backfill-errors'
import type { Answer, Target } from './backfill-session'
import { checkStatements } from './backfill-statements'

interface Ask {
  query: (text: string) => Promise<Answer>
  single: (text: string) => Promise<Answer>
}

interface FoundTable {
  oid: number
  name: string
  kind: string
  total: string
  bytes: string
}

/** Looks at table, key and statements in the catalog of PostgreSQL. */
export async function inspectTarget(ask: Ask, backfill: Backfill): Promise<Target> {
  const table = await findTable(ask, backfill)
  const columns = await keyColumns(ask, backfill, table.oid)
  await checkStatements({ dialect, backfill, columns }, (text) => ask.single(`explain ${text}`))
  const total = Math.round(Number(table.total))
  return {
    ...{ table: table.name, columns, bytes: Number(table.bytes), notes: await notesOf(ask) },
    ...(total > 0 ? { estimatedTotal: total } : {}),
  }
}

async function findTable({ query }: Ask, { table }: Backfill): Promise<FoundTable> {
  const { rows } = await query(
    `select class.oid, nspname || '.' || relname as name, relkind as kind, pg_total_relation_size(class.oid)::text as bytes,
       greatest(reltuples, (select sum(greatest(part.reltuples, 0)) from pg_partition_tree(class.oid) as tree
         join pg_class as part on part.oid = tree.relid where tree.isleaf))::text as total
     from pg_class as class join pg_namespace on pg_namespace.oid = relnamespace
     where class.oid = to_regclass(${dialect.literal(quotedTable(dialect, table))})`,
  )
  const [found] = rows as unknown as FoundTable[]
  if (!found) throw badTarget.noTable(table)
  if (found.kind !== 'r' && found.kind !== 'p') throw badTarget.isNoTable(table)
  return found
}

async function keyColumns(ask: Ask, { table, key }: Backfill, oid: number): Promise<KeyColumn[]> {
  const { rows } = await ask.query(
    `select attname as name, format_type(atttypid, atttypmod) as type, not attnotnull as nullable
     from pg_attribute where attrelid = ${oid} and attnum > 0 and not attisdropped and attname = any(${texts(key)})`,
  )
  const found = rows as unknown as (KeyColumn & { nullable: boolean })[]
  const columns = key.flatMap((name) => found.find((each) => each.name === name) ?? [])
  const lacking = key.filter((name) => !found.some((each) => each.name === name))
  if (lacking.length > 0) throw badTarget.noColumns(table, lacking)
  const nullable = columns.find((column) => column.nullable)
  if (nullable) throw badTarget.nullable(table, nullable.name)
  if (!(await isUnique(ask, oid, key))) throw badTarget.notUnique(table, key)
  return columns.map(({ name, type }) => ({ name, type }))
}

async function isUnique({ query }: Ask, oid: number, key: readonly string[]): Promise<boolean> {
  const { rows } = await query(
    `select 1 from pg_index join pg_class on pg_class.oid = indexrelid join pg_am on pg_am.oid = relam
     where indrelid = ${oid} and indisunique and indisvalid and indpred is null and indexprs is null and amname = 'btree'
       and ${texts(key)} = array(
         select attname::text from unnest(indkey) with ordinality as part(attnum, position)
         join pg_attribute on attrelid = indrelid and pg_attribute.attnum = part.attnum
         where position <= indnkeyatts order by position)`,
  )
  return rows.length > 0
}

const texts = (names: readonly string[]): string => `array[${names.map(dialect.literal).join(', ')}]::text[]`

async function notesOf({ query }: Ask): Promise<string[]> {
  const { rows } = await query(`select pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees`)
  return rows[0]?.sees
    ? []
    : ["long transactions and replicas of other users can't be seen: grant pg_read_all_stats to this one"]
}
