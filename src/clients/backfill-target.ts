import type { Client } from 'pg'
import { RefitError } from '../domain/errors'
import { single } from './backfill-proof'
import type { Backfill } from '../domain/migrations/backfill'
import {
  boundary,
  change,
  type Key,
  type KeyColumn,
  quotedTable,
  type Statement,
} from '../domain/migrations/backfill-sql'

/** What the catalog says of the table of a backfill. */
export interface Target {
  /** schema.table */
  table: string
  columns: KeyColumn[]
  /** rows by the planner's statistics; undefined where nothing was analysed yet */
  estimatedTotal?: number
  bytes: number
  /** what the signals can't show */
  notes: string[]
}

/** Looks at table, key and statements without changing anything. MIGRATION_REFUSED, or MIGRATION_FAILED for wrong SQL. */
export async function inspectTarget(client: Client, backfill: Backfill): Promise<Target> {
  const table = await findTable(client, backfill)
  const columns = await keyColumns(client, backfill, table.oid)
  const target = { table: table.name, columns, bytes: Number(table.bytes), notes: await notesOf(client) }
  for (const statement of statementsOf(backfill, columns)) await explain(client, statement)
  const total = Number(table.total)
  return total > 0 ? { ...target, estimatedTotal: Math.round(total) } : target
}

/** How PostgreSQL would change the first batch: the plan of EXPLAIN; undefined for a table without rows. */
export async function planOf(client: Client, backfill: Backfill, { columns }: Target, rows: number) {
  const first = boundary(backfill, columns, null, rows)
  const { upto } = (await client.query<{ upto: Key }>(first.text, first.values)).rows[0] ?? {}
  return upto && explain(client, change(backfill, columns, { after: null, upto }))
}

/** With keys that are null: their types are right, and nothing is looked up. */
function statementsOf(backfill: Backfill, columns: readonly KeyColumn[]): Statement[] {
  const key = columns.map(() => '')
  const range = { after: key, upto: key }
  return [
    boundary(backfill, columns, key, 1_000),
    change(backfill, columns, range),
    { text: backfill.proof, values: [] },
  ]
}

async function explain(client: Client, { text, values }: Statement): Promise<string[]> {
  const { rows } = await client.query<{ 'QUERY PLAN': string }>({
    ...single(`explain ${text}`),
    values: values.map((value) => (value === '' ? null : value)),
  })
  return rows.map((row) => row['QUERY PLAN'])
}

interface FoundTable {
  oid: number
  name: string
  total: string
  bytes: string
}

async function findTable(client: Client, { table }: Backfill): Promise<FoundTable> {
  const { rows } = await client.query<FoundTable & { kind: string }>(
    `select class.oid, nspname || '.' || relname as name, relkind as kind, pg_total_relation_size(class.oid)::text as bytes,
       greatest(reltuples, (select sum(greatest(part.reltuples, 0)) from pg_partition_tree(class.oid) as tree
         join pg_class as part on part.oid = tree.relid where tree.isleaf))::text as total
     from pg_class as class join pg_namespace on pg_namespace.oid = relnamespace where class.oid = to_regclass($1)`,
    [quotedTable(table)],
  )
  const [found] = rows
  if (found && (found.kind === 'r' || found.kind === 'p')) return found
  throw refused(
    found ? `${table} is no table.` : `There is no table ${table}.`,
    'Write it as schema.table, spelled as in the catalog.',
  )
}

async function keyColumns(client: Client, { table, key }: Backfill, oid: number): Promise<KeyColumn[]> {
  const { rows } = await client.query<KeyColumn & { nullable: boolean }>(
    `select attname as name, format_type(atttypid, atttypmod) as type, not attnotnull as nullable
     from pg_attribute where attrelid = $1 and attnum > 0 and not attisdropped and attname = any($2)`,
    [oid, key],
  )
  const columns = key.flatMap((name) => rows.find((each) => each.name === name) ?? [])
  const lacking = key.filter((name) => !rows.some((each) => each.name === name))
  if (lacking.length > 0) throw refused(`${table} has no column ${lacking.join(', ')}.`, 'Correct key.')
  // Rows without a value are neither before nor behind any key.
  const nullable = columns.filter((column) => (column as { nullable?: boolean }).nullable)
  if (nullable.length > 0)
    throw refused(`${nullable[0]?.name} of ${table} may be null, so rows could be left out.`, 'Name another key.')
  if (!(await isUnique(client, oid, key)))
    throw refused(
      `No unique index of ${table} has exactly the columns ${key.join(', ')} in this order.`,
      'Name the columns of its primary key, or of a unique index without a condition.',
    )
  return columns.map(({ name, type }) => ({ name, type }))
}

async function isUnique(client: Client, oid: number, key: readonly string[]): Promise<boolean> {
  const { rowCount } = await client.query(
    `select 1 from pg_index join pg_class on pg_class.oid = indexrelid join pg_am on pg_am.oid = relam
     where indrelid = $1 and indisunique and indisvalid and indpred is null and indexprs is null and amname = 'btree'
       and $2::text[] = array(
         select attname::text from unnest(indkey) with ordinality as part(attnum, position)
         join pg_attribute on attrelid = indrelid and pg_attribute.attnum = part.attnum
         where position <= indnkeyatts order by position)`,
    [oid, key],
  )
  return (rowCount ?? 0) > 0
}

async function notesOf(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ sees: boolean }>(
    `select pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees`,
  )
  return rows[0]?.sees
    ? []
    : ["long transactions and replicas of other users can't be seen: grant pg_read_all_stats to this one"]
}

const refused = (message: string, next: string): RefitError => new RefitError('MIGRATION_REFUSED', message, next)
