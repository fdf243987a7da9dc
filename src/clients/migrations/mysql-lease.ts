import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import { RefitError } from '../../domain/errors'
import type { Lease, Taking } from '../backfill-lease'
import { sleep } from '../registry/sleep'

const pollMs = 500

/** Names of GET_LOCK are the whole server's, and of at most 64 characters. */
const lock = `concat('refit/', left(sha2(concat(database(), '/', ?), 256), 40))`

const table = `create table if not exists refit_lease (
  name varchar(190) not null primary key,
  owner varchar(500) not null,
  token bigint not null,
  connection bigint not null,
  taken_at timestamp(3) not null default current_timestamp(3),
  heartbeat_at timestamp(3) not null default current_timestamp(3)
) engine = InnoDB`

/**
 * MySQL's and MariaDB's lease, as PostgreSQL's in backfill-lease.ts: GET_LOCK ends with the session that runs the work, and
 * the token in `refit_lease` refuses what an earlier owner still sends. Undefined when `signal` came first.
 */
export async function takeMysqlLease(
  connection: Connection,
  { name, owner, waiting, signal }: Taking,
): Promise<Lease | undefined> {
  while (!(await tryLock(connection, name))) {
    waiting(await holderOf(connection, name))
    await sleep(pollMs, signal).catch(() => undefined)
    if (signal?.aborted) return undefined
  }
  // Looked for first: even where it exists, making it takes the right to.
  if (!(await hasTable(connection))) await connection.query(table)
  await connection.query(
    `insert into refit_lease (name, owner, token, connection) values (?, ?, 1, connection_id())
     on duplicate key update owner = values(owner), token = token + 1, connection = values(connection),
       taken_at = current_timestamp(3), heartbeat_at = current_timestamp(3)`,
    [name, owner.slice(0, 500)],
  )
  const [rows] = await connection.query<RowDataPacket[]>(
    'select cast(token as char) as token from refit_lease where name = ?',
    [name],
  )
  return { name, owner, token: String(rows[0]?.token) }
}

async function tryLock(connection: Connection, name: string): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>(`select get_lock(${lock}, 0) as ok`, [name])
  return Number(rows[0]?.ok) === 1
}

async function hasTable(connection: Connection): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `select 1 from information_schema.tables where table_schema = database() and table_name = 'refit_lease'`,
  )
  return rows.length > 0
}

async function holderOf(connection: Connection, name: string): Promise<string> {
  if (!(await hasTable(connection))) return 'somebody else'
  const [rows] = await connection.query<RowDataPacket[]>('select owner from refit_lease where name = ?', [name])
  return String(rows[0]?.owner ?? 'somebody else')
}

/** Inside a transaction: keeps the row until its end, so that nobody takes the lease in between. */
export async function checkMysqlLease(connection: Connection, { name, token }: Lease): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>(
    'select 1 from refit_lease where name = ? and token = ? for update',
    [name, token],
  )
  if (rows.length !== 1) throw await lost(connection, name)
}

/** Outside of transactions, so that others see that it lives. */
export async function beatMysqlLease(connection: Connection, { name, token }: Lease): Promise<void> {
  // mysql2 counts rows that match, also where the clock has not moved.
  const [{ affectedRows }] = await connection.query<ResultSetHeader>(
    'update refit_lease set heartbeat_at = current_timestamp(3) where name = ? and token = ?',
    [name, token],
  )
  if (affectedRows !== 1) throw await lost(connection, name)
}

/** Gives it back; the row stays, because its token must go on growing. */
export async function releaseMysqlLease(connection: Connection, { name }: Lease): Promise<void> {
  await connection.query(`select release_lock(${lock})`, [name])
}

/** Whether a session holds it now. */
export async function isMysqlLeased(connection: Connection, name: string): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>(`select is_used_lock(${lock}) as session`, [name])
  return rows[0]?.session != null
}

async function lost(connection: Connection, name: string): Promise<RefitError> {
  return new RefitError(
    'LEASE_LOST',
    `The lease ${name} was taken by ${await holderOf(connection, name)}; what was not committed is rolled back.`,
    'Leave the work to its new owner, or run it again once that one has ended.',
  )
}
