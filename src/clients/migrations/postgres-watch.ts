import { performance } from 'node:perf_hooks'
import type { Client } from 'pg'
import { strongModes } from './postgres-locks'
import type { Blocker, Watch } from './run-session'
import { closeQuietly } from '../postgres-client'

const everyMs = 100

interface Seen {
  name: string
  granted: boolean
  strong: boolean
  blockers: number[]
}

/**
 * What the session has and waits for. Tables that its own transaction makes are not seen from outside, and keep nobody
 * waiting; Refit's own don't count.
 */
const query = `
select c.oid::regclass::text as name, l.granted, l.mode = any ($2::text[]) as strong,
  case when l.granted then '{}'::int[] else pg_blocking_pids(l.pid) end as blockers
from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
where l.pid = $1 and l.locktype = 'relation' and c.relkind in ('r', 'p', 'm')
  and l.database = (select oid from pg_database where datname = current_database())
  and n.nspname not in ('pg_catalog', 'refit') and c.relname !~ '^refit_.*_[0-9a-f]{8}_'`

interface Watched {
  session: number
  capMs: number
  onHeld: () => void
}

/** Looks ten times a second through another connection, and ends with it. */
export async function watchPostgres(client: Client, { session, capMs, onHeld }: Watched): Promise<Watch> {
  const blockers = new Map<string, Blocker>()
  let held: string[] = []
  let since: number | undefined
  let isWaiting = false
  let last = performance.now()
  let isStopped = false
  let cap: NodeJS.Timeout | undefined
  const once = async (): Promise<void> => {
    const started = last
    const { rows } = await client.query<Seen>(query, [session, strongModes])
    last = performance.now()
    for (const { name, granted, blockers: pids } of rows)
      if (!granted) for (const pid of pids) blockers.set(`${pid} ${name}`, { session: pid, table: name })
    const strong = rows.filter((row) => row.strong)
    isWaiting = rows.some(({ granted }) => !granted)
    held = strong.map(({ name }) => name)
    // It was not there at the look before, so it can't have begun earlier.
    if (strong.length === 0) since = undefined
    else since ??= started
    if (since === undefined) clearTimeout(cap)
    else if (capMs !== Infinity && !cap) cap = setTimeout(onHeld, Math.max(0, since + capMs - last))
    if (since === undefined) cap = undefined
  }
  await client.query(`set statement_timeout = '5s'`)
  await once()
  let isLooking: Promise<void> = Promise.resolve()
  const look = (): Promise<void> =>
    (isLooking = isLooking.catch(() => undefined).then(() => (isStopped ? undefined : once())))
  const timer = setInterval(() => void look().catch(() => undefined), everyMs)
  return {
    get blockers() {
      return [...blockers.values()]
    },
    heldSince: () => since,
    isWaiting: () => isWaiting,
    heldTables: () => [...new Set(held)],
    cancel: async () => void (await client.query('select pg_cancel_backend($1)', [session])),
    look: () => look().catch(() => undefined),
    async stop() {
      clearInterval(timer)
      clearTimeout(cap)
      isStopped = true
      await isLooking.catch(() => undefined)
      await closeQuietly(client)
    },
  }
}
