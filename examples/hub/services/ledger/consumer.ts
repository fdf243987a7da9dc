import type { Pool, PoolClient } from 'pg'
import { LOCKS, tryLock } from '../shared/database'
import { log, messageOf, podName, sleep } from '../shared/environment'
import { release } from '../shared/release'

const IDLE_MS = 100

// One statement: a queue row and its two entries can't come apart, and the entries' key refuses a second posting.
const POST_BATCH = `
  with taken as (
    delete from "transferQueue" where id in (select id from "transferQueue" order by id limit 500)
    returning "transferId")
  insert into "ledgerEntry" ("transferId", side, account, amount)
  select t."transferId", s.side, case s.side when 'DEBIT' then t.payer else t.payee end, t.amount
    from taken join transfer t using ("transferId") cross join (values ('DEBIT'), ('CREDIT')) as s (side)`

const RECORD_RUN = 'insert into "consumerRun" (pod, version, overlapped) values ($1, $2, $3)'

export interface Consumer {
  /** resolves once this process is the only one that posts */
  start: () => Promise<void>
  /** resolves when the batch in hand is posted */
  stop: () => Promise<void>
  isPosting: () => boolean
}

/**
 * Posts the queue's transfers as double entries. An advisory lock keeps out a second consumer; meeting one is recorded in
 * consumerRun, because the deployment should have prevented it.
 */
export function createConsumer(pool: Pool): Consumer {
  const state = { stopping: false, posting: false, recorded: false }
  let finished: Promise<void> = Promise.resolve()

  return {
    start: () =>
      new Promise((resolve) => {
        finished = run(pool, state, resolve)
      }),
    stop: () => {
      state.stopping = true
      return finished
    },
    isPosting: () => state.posting,
  }
}

interface State {
  stopping: boolean
  posting: boolean
  recorded: boolean
}

async function run(pool: Pool, state: State, onPosting: () => void): Promise<void> {
  while (!state.stopping) {
    const client = await pool.connect().catch(() => null)
    if (client) await hold(client, state, onPosting)
    state.posting = false
    if (!state.stopping) await sleep(500)
  }
}

/** Posts on the connection that holds the lock: when the lock is lost, so is the statement. */
async function hold(client: PoolClient, state: State, onPosting: () => void): Promise<void> {
  client.on('error', (error) => log('consumer connection lost', { error: messageOf(error) }))
  try {
    await takeLock(client, state)
    state.posting = !state.stopping
    if (state.posting) onPosting()
    while (!state.stopping) {
      const { rowCount } = await client.query({ name: 'post-batch', text: POST_BATCH })
      if (rowCount === 0) await sleep(IDLE_MS)
    }
    client.release(true)
  } catch (error) {
    log('consumer interrupted', { error: messageOf(error) })
    client.release(true)
  }
}

async function takeLock(client: PoolClient, state: State): Promise<void> {
  let locked = await tryLock(client, LOCKS.consumer)
  if (!locked) log('another consumer is running')
  if (!state.recorded) await client.query(RECORD_RUN, [podName(), release.version, !locked])
  state.recorded = true
  while (!locked && !state.stopping) {
    await sleep(IDLE_MS)
    locked = await tryLock(client, LOCKS.consumer)
  }
}
