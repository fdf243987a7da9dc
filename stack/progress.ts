import type { Progress } from './types'

/** Seconds since `start` (milliseconds since the epoch), for people: `0.4 s`, `75 s`. */
export function elapsed(start: number): string {
  const seconds = (Date.now() - start) / 1000
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
}

/** Prefixes each line with the time since now, and writes to standard error unless told otherwise. */
export function timed(to: Progress = (line) => process.stderr.write(`${line}\n`)): Progress {
  const start = Date.now()
  return (line) => to(`[${((Date.now() - start) / 1000).toFixed(1).padStart(6)} s] ${line}`)
}

/**
 * Runs `work`, saying every 15 seconds that it still runs and for how long.
 *
 * @param detail - what to add to the line at that moment
 */
export async function ticking<T>(
  progress: Progress,
  label: string,
  work: () => Promise<T>,
  detail: () => string = () => '',
): Promise<T> {
  const start = Date.now()
  const timer = setInterval(() => progress(`${label}: ${elapsed(start)} so far${detail()}`), 15_000)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
