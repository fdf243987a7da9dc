import { isMysql } from './database-url'
import { openOne } from './quiet-knex'

const timeoutMs = 5_000

/**
 * Refit's own tables in a service's database, by name: what migrations and backfills left there. Reads only. Throws what
 * the driver says when it can't be read; that may name the server, so don't show it.
 */
export async function ownTablesAt(url: string): Promise<string[]> {
  const mysql = isMysql(url)
  const db = openOne(url, timeoutMs)
  try {
    const tables = db('information_schema.tables')
      .orderBy('table_name')
      .select<{ name: string }[]>({ name: 'table_name' })
    if (mysql) void tables.whereRaw('table_schema = database()').where('table_name', 'like', 'refit\\_%')
    else void tables.where('table_schema', 'refit')
    const rows = (await tables) as { name: string }[]
    return rows.map(({ name }) => (mysql ? name : `refit.${name}`))
  } finally {
    await db.destroy()
  }
}
