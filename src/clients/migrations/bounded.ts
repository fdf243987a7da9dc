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

/** A connection that the server ends at the deadline, whatever timeouts its statements set. */
export async function boundedClient(url: string, deadlineMs: number): Promise<Bounded> {
  const client = await connected(url)
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const pid = rows[0]?.pid ?? 0
  let late = false
  const timer = setTimeout(() => {
    late = true
    withDatabase(url, (other) => other.query('select pg_terminate_backend($1)', [pid])).catch(() => undefined)
  }, deadlineMs)
  return {
    client,
    pid,
    isLate: () => late,
    async close() {
      clearTimeout(timer)
      await client.end().catch(() => undefined)
    },
  }
}
