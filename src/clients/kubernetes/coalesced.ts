import { orAborted } from '../registry/sleep'

/**
 * Lets callers share runs of an expensive read without getting one that began before they asked: who comes while one is
 * under way waits for the next, with all who come meanwhile. A caller's signal ends only its own wait.
 */
export function coalesced<T>(run: (key: string) => Promise<T>) {
  const running = new Map<string, Promise<T>>()
  const waiting = new Map<string, Promise<T>>()

  const start = (key: string): Promise<T> => {
    const begun = run(key)
    running.set(key, begun)
    const end = () => void running.delete(key)
    begun.then(end, end)
    return begun
  }
  const next = (key: string, now: Promise<T>): Promise<T> => {
    const begin = () => {
      waiting.delete(key)
      return start(key)
    }
    const later = now.then(begin, begin)
    waiting.set(key, later)
    return later
  }
  return (key: string, signal?: AbortSignal): Promise<T> => {
    const now = running.get(key)
    const work = now ? (waiting.get(key) ?? next(key, now)) : start(key)
    return signal ? orAborted(work, signal) : work
  }
}
