import { Client } from 'pg'
import { RefitError } from '../domain/errors'
import { backfillError } from './backfill-errors'

/** The name of its sessions in pg_stat_activity. */
export const backfillApplication = 'refit-backfill'

const leastVersion = 140_000

/**
 * A session of its own on PostgreSQL itself. MIGRATION_REFUSED behind a pooler, where neither a session lock nor a setting
 * stays with the next statement; on a standby; and on servers before 14, which don't tell since when a session waits.
 */
export async function connectDirectly(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: backfillApplication,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  })
  // A session that ends while nothing runs on it tells so by the next statement, too.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await refuseUnfit(client)
    return client
  } catch (error) {
    await closeQuietly(client)
    throw backfillError(error)
  }
}

export const closeQuietly = (client: Client): Promise<void> => client.end().catch(() => undefined)

/** MIGRATION_REFUSED where neither a lease nor a setting would stay with the statements, or nothing can be written. */
export async function refuseUnfit(client: Client): Promise<void> {
  const { rows } = await client.query<{ pid: number; standby: boolean; version: number }>(
    `select pg_backend_pid() as pid, pg_is_in_recovery() as standby, current_setting('server_version_num')::int as version`,
  )
  const [seen] = rows
  // A pooler speaks the protocol itself, so the process that it announced is not the one that answers.
  if (seen?.pid !== (client as unknown as { processID: number | null }).processID)
    throw new RefitError(
      'MIGRATION_REFUSED',
      'The database URL leads to a connection pooler: a lease would not stay with the statements that it guards.',
      'Give the address of PostgreSQL itself.',
    )
  if (seen.standby)
    throw new RefitError(
      'MIGRATION_REFUSED',
      'The database URL leads to a standby, which can only be read.',
      'Give the address of the primary.',
    )
  if (seen.version < leastVersion)
    throw new RefitError(
      'MIGRATION_REFUSED',
      `The server is PostgreSQL ${Math.floor(seen.version / 10_000)}; Refit needs 14 or newer.`,
      'Upgrade the server, or run it by hand.',
    )
}
