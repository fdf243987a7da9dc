import { singleFlight } from './single-flight'

/** What a digest says never changes, and asking for it counts as a pull. */
const most = 2_000

/** Calls with one key share one run, and later ones get its answer; what does not exist is asked for again. */
export function remembered<T>(): ReturnType<typeof singleFlight<T | undefined>> {
  const flights = singleFlight<T | undefined>()
  const answers = new Map<string, T>()
  return async (key, signal, run) => {
    const known = answers.get(key)
    if (known !== undefined) return structuredClone(known)
    return flights(key, signal, async (shared) => {
      const read = await run(shared)
      if (read !== undefined) answers.set(key, structuredClone(read))
      const [oldest] = answers.keys()
      if (answers.size > most && oldest !== undefined) answers.delete(oldest)
      return read
    })
  }
}
