import { RefitError } from '../domain/errors'
import type { BackfillSession } from './backfill-session'
import { sleep } from './registry/sleep'

/** What a lease needs of the session that it is bound to. */
export type LeaseSession = Pick<BackfillSession, 'id' | 'own' | 'query' | 'tryLock' | 'holds'> & {
  dialect: Pick<BackfillSession['dialect'], 'literal'>
}

export interface Lease {
  name: string
  owner: string
  /** grows with every owner: what an earlier one still sends is refused by it */
  token: string
}

const pollMs = 500

export interface Taking {
  name: string
  owner: string
  /** called at each look while somebody else has it */
  waiting: (holder: string) => void
  signal?: AbortSignal | undefined
}

/**
 * Two halves: a lock that ends with the session, and a token that every batch checks in its own transaction. Waits for the
 * lock by asking again and again: on PostgreSQL a session that waits inside `pg_advisory_lock` holds a snapshot and so
 * blocks concurrent index builds. Undefined when `signal` came first.
 */
export async function takeLease(
  session: LeaseSession,
  { name, owner, waiting, signal }: Taking,
): Promise<Lease | undefined> {
  while (!(await session.tryLock(name))) {
    waiting(await holderOf(session, name))
    await sleep(pollMs, signal).catch(() => undefined)
    if (signal?.aborted) return undefined
  }
  const { literal } = session.dialect
  const { lease, now, upsert } = session.own
  const row = {
    ...{ name: literal(name), owner: literal(owner), token: '1', backend: String(session.id) },
    ...{ taken_at: now, heartbeat_at: now },
  }
  const taken = `owner = ${row.owner}, token = ${lease}.token + 1, backend = ${row.backend}, taken_at = ${now}, heartbeat_at = ${now}`
  await session.query(upsert(lease, row, 'name', taken))
  // Nobody else changes it: the lock is held.
  const { rows } = await session.query(`select token from ${lease} where name = ${row.name}`)
  return { name, owner, token: String(rows[0]?.token) }
}

async function holderOf(session: LeaseSession, name: string): Promise<string> {
  const { own, dialect } = session
  const { rows } = await session.query(`select owner from ${own.lease} where name = ${dialect.literal(name)}`)
  return (rows[0]?.owner as string | undefined) ?? 'somebody else'
}

const heldBy = (session: LeaseSession, { name, token }: Lease): string =>
  `where name = ${session.dialect.literal(name)} and token = ${token} and ${session.holds(name)}`

/** Inside a transaction: keeps the row until its end, so that nobody takes the lease in between. */
export const leaseCheck = (session: LeaseSession, lease: Lease): string =>
  `select 1 as held from ${session.own.lease} ${heldBy(session, lease)} ${session.own.forUpdate}`

/** In the transaction that is open: LEASE_LOST unless the lease is still this one. */
export async function checkLease(session: LeaseSession, lease: Lease): Promise<void> {
  const { rows } = await session.query(leaseCheck(session, lease))
  if (rows.length !== 1) throw await lost(session, lease)
}

/** A write that is no batch, in a transaction that the lease guards. */
export async function underLease(session: LeaseSession, lease: Lease, write: string): Promise<void> {
  try {
    await session.query('begin')
    await checkLease(session, lease)
    await session.query(write)
    await session.query('commit')
  } catch (error) {
    await session.query('rollback').catch(() => undefined)
    throw error
  }
}

/** Outside of batches, so that others see that it lives. */
export async function beatLease(session: LeaseSession, lease: Lease): Promise<void> {
  const { own } = session
  const { count } = await session.query(`update ${own.lease} set heartbeat_at = ${own.now} ${heldBy(session, lease)}`)
  if (count !== 1) throw await lost(session, lease)
}

export async function lost(session: LeaseSession, { name }: Lease): Promise<RefitError> {
  return new RefitError(
    'LEASE_LOST',
    `The lease ${name} was taken by ${await holderOf(session, name)}; what was not committed is rolled back.`,
    'Leave the work to its new owner, or run it again once that one has ended.',
  )
}
