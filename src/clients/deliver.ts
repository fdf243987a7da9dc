import { RefitError, sentenceOf } from '../domain/errors'
import type { OutboxRow, Store } from '../store/contracts'
import type { Notifier } from './contracts'

/** A batch that times out row by row must end within its lease, or a second sender would take the same rows. */
const batch = 10
const leaseMs = 150_000
const firstRetryMs = 5_000
const longestRetryMs = 15 * 60_000
/** A target that says no is asked again later: its URL may be corrected meanwhile, and no alert is lost. */
const refusedRetryMs = 60 * 60_000

interface Delivery {
  store: Pick<Store, 'outbox'>
  notifiers: readonly Notifier[]
  /** epoch milliseconds */
  now?: () => number
  signal?: AbortSignal
}

/**
 * Sends what is due in the outbox, each target's alerts in order, targets side by side. At least once: a crash between
 * sending and marking sends again. Returns how many were sent and how many failed; throws only when the store does.
 */
export async function deliver({
  store,
  notifiers,
  now = Date.now,
  signal,
}: Delivery): Promise<{ sent: number; failed: number }> {
  const total = { sent: 0, failed: 0 }
  for (;;) {
    const rows = await store.outbox.claim(batch, leaseMs)
    const targets = [...new Set(rows.map(({ target }) => target))]
    const results = await Promise.all(
      targets.map((target) =>
        deliverTo({
          store,
          notifier: notifiers.find(({ name }) => name === target),
          rows: rows.filter((row) => row.target === target),
          now,
          signal,
        }),
      ),
    )
    for (const { sent, failed } of results) {
      total.sent += sent
      total.failed += failed
    }
    if (rows.length < batch || signal?.aborted) return total
  }
}

interface TargetDelivery extends Omit<Delivery, 'notifiers' | 'now'> {
  notifier: Notifier | undefined
  rows: OutboxRow[]
  now: () => number
}

async function deliverTo({
  store,
  notifier,
  rows,
  now,
  signal,
}: TargetDelivery): Promise<{ sent: number; failed: number }> {
  let sent = 0
  for (const [index, row] of rows.entries()) {
    const problem = await sendOne(notifier, row, signal)
    if (!problem) {
      await store.outbox.sent(row.id)
      sent += 1
      continue
    }
    await store.outbox.failed(row.id, problem.message, new Date(now() + problem.delayMs))
    if (problem.others === undefined) continue
    for (const other of rows.slice(index + 1))
      await store.outbox.failed(other.id, problem.message, new Date(now() + problem.others))
    break
  }
  return { sent, failed: rows.length - sent }
}

interface Problem {
  message: string
  delayMs: number
  /** How long the target's other alerts wait; undefined when only this one was refused and they can go on. */
  others?: number
}

async function sendOne(
  notifier: Notifier | undefined,
  row: OutboxRow,
  signal?: AbortSignal,
): Promise<Problem | undefined> {
  if (!notifier) return { message: `refit.yaml has no target ${row.target} any more.`, delayMs: refusedRetryMs }
  try {
    await notifier.send(row.alert, `${row.alert.hub}/${row.alert.key}`, signal)
    return undefined
  } catch (error) {
    return { message: sentenceOf(error), ...delaysAfter(error, row.attempts) }
  }
}

function delaysAfter(error: unknown, attempts: number): Pick<Problem, 'delayMs' | 'others'> {
  if (error instanceof RefitError && error.retryAfterMs !== undefined) {
    const delayMs = Math.min(Math.max(error.retryAfterMs, 1_000), refusedRetryMs)
    return { delayMs, others: delayMs }
  }
  if (error instanceof RefitError && !error.retryable) return { delayMs: refusedRetryMs }
  // The others come first then: one alert that makes the target fail can't keep them back for ever.
  return { delayMs: Math.min(firstRetryMs * 2 ** Math.max(0, attempts - 1), longestRetryMs), others: firstRetryMs }
}
