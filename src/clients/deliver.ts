import { randomUUID } from 'node:crypto'
import { RefitError, sentenceOf } from '../domain/errors'
import type { OutboxRow, Store } from '../store/contracts'
import type { Notifier } from './contracts'
import { jitter } from './jitter'

const batch = 20
/** Renewed before each alert, so it must outlast the slowest one: a mail server that takes its time. */
const leaseMs = 60_000
const firstRetryMs = 5_000
const longestRetryMs = 15 * 60_000
/** A target that says no is asked again later: its URL may be corrected meanwhile, and no alert is lost. */
const refusedRetryMs = 60 * 60_000
const firstRestMs = 2_500
const longestRestMs = 60_000
/** Then it is a dead letter, which waits for a person. */
export const giveUpAfterMs = 5 * 24 * 60 * 60_000

interface Deliver {
  store: { outbox: Pick<Store['outbox'], 'dueTargets' | 'lease' | 'release' | 'due' | 'sent' | 'failed' | 'rest'> }
  notifiers: readonly Notifier[]
  /** names this sender to the others */
  holder?: string
  signal?: AbortSignal
  onDead?: (row: OutboxRow, error: string) => void
}

/**
 * Sends what is due in the outbox: each target's alerts in order and by one sender at a time, targets side by side. At
 * least once: a crash between sending and marking sends again. Returns how many were sent and how many failed; throws
 * only when the store does.
 */
export async function deliver({
  store,
  notifiers,
  holder = randomUUID(),
  ...rest
}: Deliver): Promise<{ sent: number; failed: number }> {
  const due = await store.outbox.dueTargets()
  const results = await Promise.all(
    notifiers
      .filter(({ name }) => due.includes(name))
      .map((notifier) => deliverTo({ store, notifier, holder, ...rest })),
  )
  const sum = (key: 'sent' | 'failed') => results.reduce((total, each) => total + each[key], 0)
  return { sent: sum('sent'), failed: sum('failed') }
}

type Turn = Omit<Deliver, 'notifiers' | 'holder'> & { notifier: Notifier; holder: string }

async function deliverTo(turn: Turn): Promise<{ sent: number; failed: number }> {
  const { outbox } = turn.store
  const { name } = turn.notifier
  const count = { sent: 0, failed: 0 }
  if ((await outbox.lease(name, turn.holder, leaseMs)) === undefined) return count
  for (let rows = await outbox.due(name, batch); rows.length > 0; rows = await outbox.due(name, batch))
    for (const row of rows) {
      const failures = turn.signal?.aborted ? undefined : await outbox.lease(name, turn.holder, leaseMs)
      const next = failures === undefined ? 'stop' : await deliverRow(turn, row, failures)
      if (next === 'sent') count.sent += 1
      else count.failed += next === 'stop' && failures === undefined ? 0 : 1
      if (next === 'stop') return release(turn, count)
    }
  return release(turn, count)
}

async function release<T>({ store, notifier, holder }: Turn, result: T): Promise<T> {
  await store.outbox.release(notifier.name, holder)
  return result
}

/** 'stop': the target is left alone for a while. */
async function deliverRow(turn: Turn, row: OutboxRow, failures: number): Promise<'sent' | 'refused' | 'stop'> {
  const { store, notifier, signal } = turn
  try {
    const note = await notifier.send(row.alert, {
      id: `${row.alert.hub}/${row.alert.key}`,
      at: row.createdAt,
      overtaken: row.overtaken,
      ...(signal ? { signal } : {}),
    })
    await store.outbox.sent(row.id, note ?? '')
    if (failures > 0) await store.outbox.rest(notifier.name, 0)
    return 'sent'
  } catch (error) {
    if (error instanceof RefitError && error.code === 'DATABASE_UNAVAILABLE') throw error
    // It was told to stop: that says nothing of the target.
    if (signal?.aborted) return 'stop'
    return await fail(turn, row, { error, failures })
  }
}

async function fail(
  { store, notifier, onDead }: Turn,
  row: OutboxRow,
  { error, failures }: { error: unknown; failures: number },
): Promise<'refused' | 'stop'> {
  const { delayMs, restMs } = delaysAfter(error, row.attempts, failures)
  const said = sentenceOf(error)
  if ((await store.outbox.failed(row.id, { error: said, delayMs, giveUpAfterMs })) === 'dead') onDead?.(row, said)
  if (restMs === undefined) return 'refused'
  await store.outbox.rest(notifier.name, restMs)
  return 'stop'
}

/** `restMs`: how long the whole target is left alone; undefined when only this alert was refused and others can go on. */
function delaysAfter(error: unknown, attempts: number, failures: number): { delayMs: number; restMs?: number } {
  if (error instanceof RefitError && error.retryAfterMs !== undefined) {
    const delayMs = Math.min(Math.max(error.retryAfterMs, 1_000), refusedRetryMs)
    return { delayMs, restMs: delayMs }
  }
  if (error instanceof RefitError && !error.retryable) return { delayMs: jitter(refusedRetryMs) }
  return {
    delayMs: jitter(Math.min(firstRetryMs * 2 ** attempts, longestRetryMs)),
    // Shorter than the alert's own wait: others come first then, so that one which makes the target fail keeps none back.
    restMs: jitter(Math.min(firstRestMs * 2 ** failures, longestRestMs)),
  }
}
