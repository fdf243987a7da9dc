import type { Client } from 'pg'
import { migrationPhases } from '../../domain/migration'
import type { TableSizes } from '../../domain/migrations/size-band'
import { named, ours } from './catalog-query'
import { readOnly } from './read-only'
import { listName } from './run-book'
import { schemaFingerprint, type SchemaFingerprint } from './schema-fingerprint'

export interface DatabaseSeen {
  /** in words, such as 18.4 */
  version: string
  schema: SchemaFingerprint
  /** tells this database from any other */
  identity: string
}

export interface Production extends DatabaseSeen {
  /** rows of tables, as the server estimates them */
  sizes: TableSizes
  /** paths of the files that Refit has applied for this service, in order */
  applied: string[]
}

const timeoutMs = 30_000

/** What a rehearsal must know of a PostgreSQL database in use; reads catalogs only. `list` as of a migration run. */
export function readProduction(url: string, list: string): Promise<Production> {
  return readOnly(url, timeoutMs, async (client) => ({
    ...(await seen(client)),
    sizes: await tableSizes(client),
    applied: await appliedPaths(client, list),
  }))
}

/** The schema and the version of a database. */
export const readDatabase = (url: string): Promise<DatabaseSeen> => readOnly(url, timeoutMs, seen)

async function seen(client: Client): Promise<DatabaseSeen> {
  // A restored copy of a whole server has its identifier, but was not started at the same microsecond.
  const { rows } = await client.query<Omit<DatabaseSeen, 'schema'>>(
    `select split_part(current_setting('server_version'), ' ', 1) as version,
      concat_ws(' ', current_database(), pg_postmaster_start_time()) as identity`,
  )
  return { version: '', identity: '', ...rows[0], schema: await schemaFingerprint(client) }
}

/**
 * As the planner estimates: the rows per page when somebody last counted, times the pages now. Where nobody has, a page
 * holds as many as fit: rather too many than too few.
 */
const sizesQuery = `
with leaf as (
  select c.oid, ${named('n.nspname', 'c.relname')} as name,
    case when c.relpages > 0 and c.reltuples >= 0 then c.reltuples / c.relpages else 291 end
    * (pg_relation_size(c.oid) / current_setting('block_size')::int) as rows
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'm') and ${ours('n.nspname')}
)
select name, round(rows)::int8::text as rows from leaf
union all
select ${named('n.nspname', 'p.relname')}, round(coalesce(sum(leaf.rows), 0))::int8::text
from pg_class p join pg_namespace n on n.oid = p.relnamespace
cross join lateral pg_partition_tree(p.oid) t left join leaf on leaf.oid = t.relid
where p.relkind = 'p' and ${ours('n.nspname')} group by 1`

async function tableSizes(client: Client): Promise<TableSizes> {
  const { rows } = await client.query<{ name: string; rows: string }>(sizesQuery)
  return new Map(rows.map(({ name, rows: count }) => [name, Number(count)]))
}

/** Refit's own lists, in whichever schema the login of the runs put them; in the order in which the files were applied. */
async function appliedPaths(client: Client, list: string): Promise<string[]> {
  const found: { path: string; at: string }[] = []
  for (const phase of migrationPhases) {
    const { rows: tables } = await client.query<{ table: string }>(
      `select format('%I.%I', n.nspname, c.relname) as table from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relname = $1 and c.relkind = 'r'`,
      [listName(list, phase)],
    )
    for (const { table } of tables) {
      const { rows } = await client.query<{ name: string; at: string }>(
        `select name, coalesce(to_jsonb(l) ->> 'migration_time', '') as at from ${table} l order by at, name`,
      )
      found.push(...rows.map(({ name, at }) => ({ path: `${phase}/${name}`, at })))
    }
  }
  return found.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).map(({ path }) => path)
}
