import type { HostLimits } from '../contracts'
import type { Endpoint } from './endpoint'
import { TooLate } from './exchange'
import { busy, failureOf } from './failures'
import { leaveAloneUntil } from './retry-after'
import { sleep } from './sleep'
import type { Answer, Send, Transport } from './transport'

/** Sends a request, made anew for each try, and gives any answer that is neither "busy" nor a failing server's. */
export type Polite = (
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
  request: () => Omit<Send, 'signal'>,
) => Promise<Answer>

/** What is waited before the one quick second try. */
const pauseMs = { least: 100, jitter: 200 }

/**
 * Requests within the limits of their registry. A host that asks to be left alone is left alone, by all workers; a
 * network error or a failing server (5xx) gets one quick second try.
 */
export function createPolite(transport: Transport, limits: HostLimits, count: (host: string) => void): Polite {
  return async (endpoint, signal, request) => {
    const { host, perSecond } = endpoint
    for (let isLast = false; ; isLast = true) {
      await limits.take(host, perSecond, 1, signal)
      count(host)
      const made = request()
      const answer = await transport.send(endpoint, { ...made, signal }).catch((error: unknown) => {
        if (isLast || !isWorthASecondTry(error)) throw error
        return undefined
      })
      const until = answer && leaveAloneUntil(made.method, answer, Date.now())
      if (until !== undefined) await limits.block(host, until)
      if (answer && answer.status < 400) return answer
      if (until !== undefined && answer && isBusy(answer.status)) {
        if (isLast) throw busy(host, until, Date.now())
        // The limiter waits for a short block, and refuses a long one.
        continue
      }
      if (answer && (answer.status < 500 || isLast)) {
        if (answer.status >= 500) throw failureOf(endpoint, answer.status, made.foreign && new URL(made.foreign).host)
        return answer
      }
      await sleep(pauseMs.least + Math.random() * pauseMs.jitter, signal)
    }
  }
}

const isBusy = (status: number): boolean => status === 429 || status === 503 || status === 403

/** The connection failed; one that was too slow would be so again. */
function isWorthASecondTry(error: unknown): boolean {
  const { code, cause } = error as { code?: string; cause?: { code?: string } }
  const isLate = cause instanceof TooLate || cause?.code === 'UND_ERR_CONNECT_TIMEOUT'
  return code === 'REGISTRY_UNAVAILABLE' && !isLate
}
