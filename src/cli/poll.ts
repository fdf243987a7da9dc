import { setTimeout as sleep } from 'node:timers/promises'
import { RefitError } from '../domain/errors'
import type { Context } from './context'
import { safe } from './render'

interface Polling<T> {
  everyMs: number
  read: () => Promise<T>
  /** true: that was the last one */
  show: (found: T) => boolean
}

/**
 * Reads again and again until `show` has seen the last one or somebody presses Ctrl-C. What can't be read the first time is
 * thrown; later on it is said on stderr, once, and tried again.
 */
export async function poll<T>(
  context: Pick<Context, 'io' | 'paint'>,
  { everyMs, read, show }: Polling<T>,
): Promise<void> {
  const stop = context.io.interrupted()
  if (show(await read())) return
  let isAway = false
  for (;;) {
    await sleep(everyMs, undefined, { signal: stop }).catch(() => undefined)
    if (stop.aborted) return
    try {
      const found = await read()
      if (isAway) context.io.err(`${context.paint('good', 'it answers again')}\n`)
      isAway = false
      if (show(found)) return
    } catch (error) {
      if (!isPassing(error)) throw error
      if (!isAway) context.io.err(`${context.paint('warn', safe(`${error.message} It is asked again.`))}\n`)
      isAway = true
    }
  }
}

const isPassing = (error: unknown): error is RefitError =>
  error instanceof RefitError && ['DATABASE_UNAVAILABLE', 'SERVER_UNAVAILABLE', 'RATE_LIMITED'].includes(error.code)
