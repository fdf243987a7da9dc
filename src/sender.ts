import type { Logger } from 'pino'
import { deliver } from './clients/deliver'
import type { Notifier } from './clients/contracts'
import type { Hub } from './domain/alert'
import { sentenceOf } from './domain/errors'
import { overseeOutbox } from './oversee-outbox'
import type { Store } from './store/contracts'

const everyMs = 1_000
const overseeEveryMs = 60_000

interface Sender {
  store: Pick<Store, 'outbox'>
  notifiers: readonly Notifier[]
  hub: Hub
  logger: Pick<Logger, 'warn' | 'error'>
}

/** Sends what the outbox holds, now and every second, until it is stopped. A failure stays in the outbox for the next turn. */
export function startSender({ store, notifiers, hub, logger }: Sender): () => Promise<void> {
  const stopping = new AbortController()
  const waits = (error: unknown): void => logger.warn({ error: sentenceOf(error) }, 'alerts wait in the outbox')
  const repeat = async (everyMs: number, turn: () => Promise<unknown>): Promise<void> => {
    while (!stopping.signal.aborted) {
      await turn().catch(waits)
      await sleep(everyMs, stopping.signal)
    }
  }
  const onDead: Parameters<typeof deliver>[0]['onDead'] = ({ id, target, alert }, error) =>
    logger.error({ id, target, key: alert.key, error }, 'an alert is given up; refit alerts resend sends it again')
  const running = Promise.all([
    // A target that hangs must not keep the others' next turns back, so each has its own.
    ...notifiers.map((notifier) =>
      repeat(everyMs, () => deliver({ store, notifiers: [notifier], signal: stopping.signal, onDead })),
    ),
    repeat(overseeEveryMs, () => overseeOutbox({ store, notifiers, hub, logger })),
  ])
  return async () => {
    stopping.abort()
    await running
  }
}

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
  })
