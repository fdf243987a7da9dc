import type { Client } from 'pg'
import { connected, withDatabase } from './scratch'

export interface Bounded {
  client: Client
  /** the server's process of this connection */
  pid: number
  /** whether the deadline ended it */
  isLate: () => boolean
  close: () => Promise<void>
}

/** A connection that the server ends at the deadline, or when the signal says so, whatever timeouts its statements set. */
export async function boundedClient(url: string, deadlineMs: number, signal?: AbortSignal): Promise<Bounded> {
  const client = await connected(url)
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const pid = rows[0]?.pid ?? 0
  let late = false
  const end = (): void =>
    void withDatabase(url, (other) => other.query('select pg_terminate_backend($1)', [pid])).catch(() => undefined)
  const timer = setTimeout(() => {
    late = true
    end()
  }, deadlineMs)
  signal?.addEventListener('abort', end, { once: true })
  if (signal?.aborted) end()
  return {
    client,
    pid,
    isLate: () => late,
    async close() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      await client.end().catch(() => undefined)
    },
  }
}
