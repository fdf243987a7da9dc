import type { Client } from 'pg'
import { RefitError } from '../domain/errors'
import { sleep } from './registry/sleep'

export interface Lease {
  name: string
  owner: string
  /** grows with every owner: what an earlier one still sends is refused by it */
  token: string
}

/** Two halves: the lock ends with the session, the token is checked by every batch in its own transaction. */
const lock = `hashtextextended('refit/' || $1, 0)`
const pollMs = 500

export interface Taking {
  name: string
  owner: string
  /** called at each look while somebody else has it */
  waiting: (holder: string) => void
  signal?: AbortSignal | undefined
}

/**
 * Waits for the session lock by asking again and again, because a session that waits inside `pg_advisory_lock` holds a
 * snapshot and so blocks concurrent index builds. Undefined when `signal` came first.
 */
export async function takeLease(client: Client, { name, owner, waiting, signal }: Taking): Promise<Lease | undefined> {
  while (!(await tryLock(client, name))) {
    waiting(await holderOf(client, name))
    await sleep(pollMs, signal).catch(() => undefined)
    if (signal?.aborted) return undefined
  }
  const { rows } = await client.query<{ token: string }>(
    `insert into refit.lease as held (name, owner, token, backend) values ($1, $2, 1, pg_backend_pid())
     on conflict (name) do update set owner = excluded.owner, token = held.token + 1, backend = excluded.backend,
       taken_at = now(), heartbeat_at = now()
     returning token::text`,
    [name, owner],
  )
  return { name, owner, token: rows[0]?.token ?? '' }
}

async function tryLock(client: Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ ok: boolean }>(`select pg_try_advisory_lock(${lock}) as ok`, [name])
  return rows[0]?.ok ?? false
}

async function holderOf(client: Client, name: string): Promise<string> {
  const { rows } = await client.query<{ owner: string }>('select owner from refit.lease where name = $1', [name])
  return rows[0]?.owner ?? 'somebody else'
}

/** Inside a batch's transaction: keeps the row until its end, so that nobody takes the lease in between. */
export async function checkLease(client: Client, { name, token }: Lease): Promise<void> {
  const { rowCount } = await client.query(
    'select 1 from refit.lease where name = $1 and token = $2 for no key update',
    [name, token],
  )
  if (rowCount !== 1) throw await lost(client, name)
}

/** A write that is no batch, in a transaction that the lease guards. */
export async function underLease(client: Client, lease: Lease, write: () => Promise<void>): Promise<void> {
  try {
    await client.query('begin')
    await checkLease(client, lease)
    await write()
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

/** Outside of batches, so that others see that it lives. */
export async function beatLease(client: Client, { name, token }: Lease): Promise<void> {
  const { rowCount } = await client.query(
    'update refit.lease set heartbeat_at = now() where name = $1 and token = $2',
    [name, token],
  )
  if (rowCount !== 1) throw await lost(client, name)
}

/** Gives it back; the row stays, because its token must go on growing. */
export async function releaseLease(client: Client, { name }: Lease): Promise<void> {
  await client.query(`select pg_advisory_unlock(${lock})`, [name])
}

/** Whether a session holds it now. */
export async function isLeased(client: Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(
    `select exists (
       select 1 from pg_locks where locktype = 'advisory' and granted and objsubid = 1
         and database = (select oid from pg_database where datname = current_database())
         and ((classid::bigint << 32) | objid::bigint) = ${lock}
     ) as held`,
    [name],
  )
  return rows[0]?.held ?? false
}

async function lost(client: Client, name: string): Promise<RefitError> {
  return new RefitError(
    'LEASE_LOST',
    `The lease ${name} was taken by ${await holderOf(client, name)}; the batch was rolled back.`,
    'Leave the work to its new owner, or run it again once that one has ended.',
  )
}
