import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { type Change, changeTopics, type ChangeTopic } from '../domain/change-topic'

const channel = 'refit_changes'
const connectWithinMs = 10_000
const endWithinMs = 1_000

export interface Listening {
  changed: (change: Change) => void
  /** Something may have been missed: whoever shows anything asks for it again. */
  missed: () => void
}

export interface ChangesOptions {
  /** how often the connection has to prove that it still hears */
  proveEveryMs?: number
  /** between two attempts to connect */
  retryEveryMs?: number
}

/**
 * Hears what the store's triggers say, over one connection of its own that is made again whenever it is lost. A connection
 * that doesn't hear its own word any more counts as lost; so it is with a pooler that passes no notifications, where
 * `missed` is said again and again. Returns at once; never throws. `close` it.
 */
export function listenForChanges(
  databaseUrl: string,
  listening: Listening,
  { proveEveryMs = 20_000, retryEveryMs = 1_000 }: ChangesOptions = {},
): { close: () => Promise<void> } {
  const closing = new AbortController()
  const done = (async () => {
    for (let isFirst = true; !closing.signal.aborted; isFirst = false) {
      await hear(databaseUrl, listening, { proveEveryMs, isFirst, signal: closing.signal })
      await sleep(retryEveryMs, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  })()
  return {
    async close() {
      closing.abort()
      await done
    },
  }
}

/** One connection, until it is lost. */
async function hear(
  databaseUrl: string,
  listening: Listening,
  { proveEveryMs, isFirst, signal }: { proveEveryMs: number; isFirst: boolean; signal: AbortSignal },
): Promise<void> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'refit changes',
    connectionTimeoutMillis: connectWithinMs,
    keepAlive: true,
  })
  const lost = new AbortController()
  const lose = (): void => lost.abort()
  client.on('error', lose)
  client.on('end', lose)
  signal.addEventListener('abort', lose, { once: true })
  // A client that is ended while it connects never says so: whoever waits for it would wait for ever.
  const isLost = new Promise<void>((resolve) => lost.signal.addEventListener('abort', () => resolve(), { once: true }))
  const work = proven(client, listening, { proveEveryMs, isFirst, signal: lost.signal })
  await Promise.race([work.catch(() => undefined), isLost])
  signal.removeEventListener('abort', lose)
  lose()
  await Promise.race([client.end().catch(() => undefined), sleep(endWithinMs)])
}

/** Ends when the connection no longer hears its own word; throws when it is lost. */
async function proven(
  client: Client,
  { changed, missed }: Listening,
  { proveEveryMs, isFirst, signal }: { proveEveryMs: number; isFirst: boolean; signal: AbortSignal },
): Promise<void> {
  let heard = ''
  client.on('notification', ({ payload = '' }) => {
    const change = changeIn(payload)
    if (change) changed(change)
    else heard = payload
  })
  await client.connect()
  await client.query(`listen ${channel}`)
  if (!isFirst) missed()
  for (let proof = ''; heard === proof;) {
    proof = JSON.stringify({ proof: randomUUID() })
    await client.query('select pg_notify($1, $2)', [channel, proof])
    await sleep(proveEveryMs, undefined, { signal })
  }
}

/** Undefined for what is no change, such as a proof: anybody may notify. */
function changeIn(payload: string): Change | undefined {
  try {
    const { topic, upgradeId, namespace, service } = JSON.parse(payload) as Record<string, unknown>
    if (!changeTopics.includes(topic as ChangeTopic)) return undefined
    return {
      topics: [topic as ChangeTopic],
      ...(typeof upgradeId === 'string' ? { upgradeId } : {}),
      ...(typeof namespace === 'string' ? { namespace } : {}),
      ...(typeof service === 'string' ? { service } : {}),
    }
  } catch {
    return undefined
  }
}
