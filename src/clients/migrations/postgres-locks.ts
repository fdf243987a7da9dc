import type { Client } from 'pg'
import type { Blocker } from './run-session'

/** The modes that keep readers or writers waiting. */
export const strongModes = ['AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock']

/** Indexes that nothing uses, because their concurrent build was interrupted; names as they can be written in SQL. */
export async function invalidIndexes(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name
     from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
     where not i.indisvalid and c.relkind = 'i' and n.nspname !~ '^pg_'
       and not exists (select from pg_stat_progress_create_index p
         where p.datid = (select oid from pg_database where datname = current_database())
           and (p.index_relid = i.indexrelid or p.relid is null)) order by 1`,
  )
  return rows.map(({ name }) => name)
}

/** A transaction that is older may go on for long: nobody queues behind it. */
const longSeconds = 5

/**
 * Who has what a try waited for, in words: the sessions that it met, and transactions that have been open for long. Locks can
 * be seen by everybody; since when a transaction is open, only by its own role and by who may read statistics.
 */
export async function whoHolds(client: Client, blockers: readonly Blocker[]): Promise<string | undefined> {
  if (blockers.length === 0) return undefined
  const { rows } = await client.query<{
    pid: number
    tables: string
    application: string | null
    since: string | null
  }>(
    `select l.pid, string_agg(distinct l.relation::regclass::text, ', ') as tables, max(a.application_name) as application,
       max(to_char(a.xact_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) as since
     from pg_locks l left join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'relation' and l.granted and l.pid <> pg_backend_pid()
       and l.database = (select oid from pg_database where datname = current_database())
       and l.relation in (select to_regclass(name) from unnest($1::text[]) as name)
       and (l.pid = any ($2::int[]) or a.xact_start < clock_timestamp() - make_interval(secs => $3))
       and a.backend_type is distinct from 'autovacuum worker'
     group by l.pid order by min(a.xact_start) limit 1`,
    [blockers.map(({ table }) => table), blockers.map(({ session }) => session), longSeconds],
  )
  const [first] = rows
  if (!first) return undefined
  const { pid, application, since, tables } = first
  return `session ${pid}${application ? ` (${application})` : ''} has ${tables}${since ? ` in a transaction since ${since}` : ''}`
}
