import type { Logger } from 'pino'
import { deliver } from './clients/deliver'
import type { Notifier } from './clients/contracts'
import { sentenceOf } from './domain/errors'
import type { Store } from './store/contracts'

const everyMs = 1_000

/** Sends what the outbox holds, now and every second, until it is stopped. A failure stays in the outbox for the next turn. */
export function startSender({
  store,
  notifiers,
  logger,
}: {
  store: Store
  notifiers: Notifier[]
  logger: Logger
}): () => Promise<void> {
  const stopping = new AbortController()
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await deliver({ store, notifiers }).catch((error: unknown) =>
        logger.warn({ error: sentenceOf(error) }, 'alerts wait in the outbox'),
      )
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, everyMs)
        stopping.signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
      })
    }
  })()
  return async () => {
    stopping.abort()
    await running
  }
}
