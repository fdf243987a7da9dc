import { Client } from 'pg'
import type { SignalReader } from './backfill-session'

/** A connection of its own: the one that runs the batches is busy while others wait for it. */
export async function postgresSignals(url: string, runner: number): Promise<SignalReader> {
  const client = new Client({
    connectionString: url,
    application_name: 'refit-backfill-signals',
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  })
  client.on('error', () => undefined)
  await client.connect()
  return { read: () => read(client, runner), close: () => client.end().catch(() => undefined) }
}

/**
 * Only sessions of this database, and none of the backfill's own. Advisory locks are left out: programs that elect a
 * leader wait for one as long as they live.
 */
async function read(client: Client, runner: number): ReturnType<SignalReader['read']> {
  const { rows } = await client.query<Record<'lag' | 'blocked' | 'long', number | null>>(
    `with here as (select oid from pg_database where datname = current_database())
     select
       (select max(extract(epoch from replay_lag) * 1000)::float8 from pg_stat_replication) as lag,
       (select max(extract(epoch from clock_timestamp() - waitstart) * 1000)::float8 from pg_locks
         where not granted and pid <> $1 and locktype <> 'advisory' and (database is null or database = 0 or database = (select oid from here))) as blocked,
       (select max(extract(epoch from clock_timestamp() - xact_start) * 1000)::float8 from pg_stat_activity
         where datid = (select oid from here) and backend_type = 'client backend' and pid <> all (array[$1, pg_backend_pid()])
           and (backend_xid is not null or backend_xmin is not null)) as long`,
    [runner],
  )
  const { lag, blocked, long } = rows[0] ?? { lag: null, blocked: null, long: null }
  return {
    replicaLagMs: lag ?? undefined,
    blockedMs: blocked ?? undefined,
    longTransactionMs: long ?? undefined,
  }
}
