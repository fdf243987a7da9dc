import { Client } from 'pg'
import { databaseError } from '../../store/guard'

const place = 'the database of the migration'

/** One connection to a database in use: every statement is read-only, ends at the time limit and waits for no lock. */
export async function readOnly<T>(url: string, timeoutMs: number, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'refit-plan',
  })
  // A session that ends while nothing runs on it tells so by the next statement, too.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(
      // Names without a schema are of public, as in a fingerprint.
      `set default_transaction_read_only = on; set statement_timeout = ${Math.round(timeoutMs)}; set lock_timeout = '2s'; set search_path = public`,
    )
    return await work(client)
  } catch (error) {
    throw databaseError(error, place)
  } finally {
    await client.end().catch(() => undefined)
  }
}
