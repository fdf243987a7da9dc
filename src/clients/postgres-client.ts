import { Client } from 'pg'

/** A connection for long work, under a name that the server shows. Errors are the driver's own. */
export async function connectPostgres(url: string, application: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: application,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  })
  // A session that ends while nothing runs on it tells so by the next statement, too.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return client
  } catch (error) {
    await closeQuietly(client)
    throw error
  }
}

export const closeQuietly = (client: Client): Promise<void> => client.end().catch(() => undefined)
