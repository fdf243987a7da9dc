import { orAborted } from './sleep'

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
