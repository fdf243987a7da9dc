import { randomBytes } from 'node:crypto'
import type { Client } from 'pg'
import { withDatabase } from './scratch'

/**
 * Gives a copy to a login of its own, so that code that nobody has approved is no superuser on the server of the copies:
 * it owns the copy and what is in it, and nothing else. Returns the copy's URL with that login.
 */
export async function loginFor(copyUrl: string): Promise<{ url: string; remove: () => Promise<void> }> {
  const name = `refit_rehearsal_${randomBytes(6).toString('hex')}`
  const password = randomBytes(18).toString('hex')
  await withDatabase(copyUrl, async (client) => {
    await client.query(`create role "${name}" login password '${password}' nosuperuser nocreatedb nocreaterole`)
    await client.query(`alter database "${databaseOf(copyUrl)}" owner to "${name}"`)
    await handOver(client, name)
  })
  const url = new URL(copyUrl)
  url.username = name
  url.password = password
  return { url: url.toString(), remove: () => removeRole(copyUrl, name) }
}

const databaseOf = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1)).replaceAll('"', '""')

/** What belongs to an extension stays its; a sequence follows the column that owns it. */
async function handOver(client: Client, role: string): Promise<void> {
  const { rows } = await client.query<{ sql: string }>(handOverQuery, [role])
  for (const { sql } of rows) await client.query(sql)
}

const handOverQuery = `
  with mine as (
    select oid, nspname from pg_namespace
    where nspname !~ '^pg_' and nspname <> 'information_schema'
  ), extended as (select classid, objid from pg_depend where deptype = 'e')
  select format('alter schema %I owner to %I', nspname, $1::text) as sql from mine
  union all
  select format('alter %s %I.%I owner to %I',
    case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
      when 'f' then 'foreign table' else 'table' end, nspname, relname, $1::text)
  from pg_class c join mine on mine.oid = relnamespace
  where relkind in ('r', 'p', 'v', 'm', 'S', 'f')
    and not exists (select from extended e where e.classid = 'pg_class'::regclass and e.objid = c.oid)
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
      and relkind = 'S' and d.deptype in ('a', 'i'))
  union all
  select format('alter routine %s owner to %I', p.oid::regprocedure, $1::text)
  from pg_proc p join mine on mine.oid = pronamespace
  where prokind in ('f', 'p') and not exists (select from extended e where e.classid = 'pg_proc'::regclass and e.objid = p.oid)
  union all
  select format('alter type %I.%I owner to %I', nspname, typname, $1::text)
  from pg_type t join mine on mine.oid = typnamespace
  where typtype in ('e', 'd', 'r')
    and not exists (select from extended e where e.classid = 'pg_type'::regclass and e.objid = t.oid)`

/** After its database is gone nothing is its any more. */
async function removeRole(copyUrl: string, name: string): Promise<void> {
  const admin = new URL(copyUrl)
  admin.pathname = '/postgres'
  await withDatabase(admin.toString(), (client) => client.query(`drop role if exists "${name}"`))
}
