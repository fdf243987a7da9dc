import type { Connection, RowDataPacket } from 'mysql2/promise'
import type { Blocker, Watch } from './run-session'

const everyMs = 200

/**
 * Whom a migration waits for on MySQL or MariaDB: neither says who has a table, so every open transaction counts that is there
 * while it waits. Nothing is said of what it keeps from others: a statement that changes the schema is a transaction by itself.
 */
export function watchMysql(connection: Connection, session: number): Watch {
  const blockers = new Map<number, Blocker>()
  let isWaiting = false
  let isLooking: Promise<void> = Promise.resolve()
  const once = async (): Promise<void> => {
    const [rows] = await connection.query<RowDataPacket[]>(
      'select state from information_schema.processlist where id = ?',
      [session],
    )
    isWaiting = /^waiting for .*lock/i.test(String(rows[0]?.state ?? ''))
    if (isWaiting)
      for (const id of (await openTransactions(connection)).keys())
        if (id !== session) blockers.set(id, { session: id, table: '' })
  }
  const look = (): Promise<void> => (isLooking = isLooking.then(once).catch(() => undefined))
  const timer = setInterval(() => void look(), everyMs)
  return {
    get blockers() {
      return [...blockers.values()]
    },
    heldSince: () => undefined,
    heldTables: () => [],
    isWaiting: () => isWaiting,
    cancel: async () => void (await connection.query(`kill query ${session}`)),
    look: () => Promise.resolve(),
    async stop() {
      clearInterval(timer)
      await isLooking
      await connection.end().catch(() => undefined)
    },
  }
}

/** Who of them still has a transaction open, in words. */
export async function whoHoldsMysql(connection: Connection, blockers: readonly Blocker[]): Promise<string | undefined> {
  if (blockers.length === 0) return undefined
  const open = await openTransactions(connection)
  const found = blockers.find(({ session }) => open.has(session))
  return found && `session ${found.session} has a transaction open since ${open.get(found.session)}`
}

/** By session; none where the login may not see them. */
async function openTransactions(connection: Connection): Promise<Map<number, string>> {
  const [rows] = await connection
    .query<RowDataPacket[]>(
      `select trx_mysql_thread_id as id, date_format(trx_started, '%Y-%m-%d %H:%i:%s') as since
       from information_schema.innodb_trx where trx_mysql_thread_id <> connection_id() order by trx_started`,
    )
    .catch(() => [[]] as [RowDataPacket[]])
  return new Map(rows.map((row) => [Number(row.id), String(row.since)]))
}
