import type { Client } from 'pg'
import type { TableLock } from '../../domain/migrations/trace'
import { type LiveTables, tableLocks } from './relations'
import { connected } from './scratch'

const pollMs = 5

/**
 * Runs a statement of session `pid` that can't run in a transaction block, and returns the locks that it took or waited for. It can't be
 * looked at from inside, so another session holds a writer's lock on every live table: the statement waits at the first
 * one that writers would wait for, or for the writers to end, and is looked at there. Then the way is free.
 */
export async function watchOutside(
  pid: number,
  url: string,
  live: LiveTables,
  run: () => Promise<unknown>,
): Promise<{ locks: TableLock[]; error?: unknown }> {
  const [writer, looker] = await Promise.all([connected(url), connected(url)])
  const seen = new Map<string, TableLock>()
  let isOver = false
  try {
    await writer.query('begin')
    await lockForWriting(writer, live)
    const running = run()
      .then(() => undefined)
      .catch((error: unknown) => ({ error }))
      .finally(() => (isOver = true))
    while (!isOver) {
      const waits = await isWaiting(looker, pid)
      for (const lock of await tableLocks(looker, pid, live, { wanted: true }))
        seen.set(`${lock.relation} ${lock.mode}`, lock)
      if (waits) break
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
    await writer.query('rollback')
    return { locks: [...seen.values()], ...(await running) }
  } finally {
    await Promise.all([writer.end().catch(() => undefined), looker.end().catch(() => undefined)])
  }
}

async function lockForWriting(writer: Client, live: LiveTables): Promise<void> {
  const { rows } = await writer.query<{ name: string }>(
    `select oid::regclass::text as name from pg_class where oid = any ($1::oid[]) and relkind in ('r', 'p')`,
    [[...live.keys()]],
  )
  if (rows.length > 0)
    await writer.query(`lock table only ${rows.map(({ name }) => name).join(', only ')} in row exclusive mode`)
}

async function isWaiting(looker: Client, pid: number): Promise<boolean> {
  const { rows } = await looker.query('select from pg_locks where pid = $1 and not granted', [pid])
  return rows.length > 0
}
