import { performance } from 'node:perf_hooks'
import { Client } from 'pg'
import type { PauseLimits } from '../domain/migrations/backfill'
import type { Readings } from '../domain/migrations/backfill-pause'
import { closeQuietly } from './backfill-connection'
import { codeOf } from './backfill-errors'
import { sleep } from './registry/sleep'

const everyMs = 1_000
const probesKept = 20
const probeTimeoutMs = 2_000

export interface Signals {
  /** the newest; undefined before the first */
  readings(): Readings | undefined
  close(): Promise<void>
}

/** Reads once a second, on a connection of its own: the one that runs the batches is busy while others wait for it. */
export function watchSignals(url: string, { health }: PauseLimits, runner: number): Signals {
  const stop = new AbortController()
  const probes: (number | null)[] = []
  let client: Client | undefined
  let last: (Omit<Readings, 'ageMs'> & { at: number }) | undefined

  const look = async (): Promise<void> => {
    try {
      client ??= await connect(url)
      const seen = await read(client, runner)
      if (health) probes.push(await probe(health.url))
      last = { ...seen, ...(health ? { probes: probes.slice(-probesKept) } : {}), at: performance.now() }
    } catch (error) {
      if (client) await closeQuietly(client)
      client = undefined
      last = { failed: codeOf(error) ?? 'connection lost', at: performance.now() }
    }
  }
  const watching = (async () => {
    while (!stop.signal.aborted) {
      await look()
      await sleep(everyMs, stop.signal).catch(() => undefined)
    }
  })()
  return {
    readings() {
      if (!last) return undefined
      const { at, ...seen } = last
      return { ...seen, ageMs: performance.now() - at }
    },
    async close() {
      stop.abort()
      await watching
      if (client) await closeQuietly(client)
    },
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: 'refit-backfill-signals',
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/**
 * Only sessions of this database, and none of the backfill's own. Advisory locks are left out: programs that elect a
 * leader wait for one as long as they live.
 */
async function read(client: Client, runner: number): Promise<Omit<Readings, 'ageMs'>> {
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

/** How long a good answer takes, or null. */
async function probe(url: string): Promise<number | null> {
  const started = performance.now()
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(probeTimeoutMs) })
    await answer.arrayBuffer()
    return answer.ok ? performance.now() - started : null
  } catch {
    return null
  }
}
