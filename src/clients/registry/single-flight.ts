import { setMaxListeners } from 'node:events'

interface Flight<T> {
  result: Promise<T>
  waiting: number
  isOver: boolean
  ending: AbortController
}

/**
 * Calls with one key at one time share one run. A caller whose signal aborts leaves with the signal's reason; the run
 * is aborted when the last one has left.
 */
export function singleFlight<T>(): (
  key: string,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
) => Promise<T> {
  const flights = new Map<string, Flight<T>>()
  const start = (key: string, run: (signal: AbortSignal) => Promise<T>): Flight<T> => {
    const ending = new AbortController()
    const end = (): void => {
      flight.isOver = true
      if (flights.get(key) === flight) flights.delete(key)
    }
    const flight: Flight<T> = { result: run(ending.signal).finally(end), waiting: 0, isOver: false, ending }
    flights.set(key, flight)
    return flight
  }
  return async (key, signal, run) => {
    signal?.throwIfAborted()
    const running = flights.get(key)
    // An aborted run is about to fail; whoever comes now wants one of their own.
    const flight = running && !running.ending.signal.aborted ? running : start(key, run)
    flight.waiting += 1
    try {
      return await (signal ? orAborted(flight.result, signal) : flight.result)
    } finally {
      flight.waiting -= 1
      if (flight.waiting === 0 && !flight.isOver) flight.ending.abort()
    }
  }
}

/** The promise, or the signal's reason if that comes first. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  // A scan hands one signal to a thousand reads.
  setMaxListeners(0, signal)
  let abort = (): void => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
    promise.catch(() => undefined)
  }
}

/** Resolves after `ms`, or rejects with the signal's reason. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  try {
    await (signal ? orAborted(over, signal) : over)
  } finally {
    clearTimeout(timer)
  }
}
