import { performance } from 'node:perf_hooks'
import type { PauseLimits } from '../domain/migrations/backfill'
import type { Readings } from '../domain/migrations/backfill-pause'
import { codeOf } from './backfill-errors'
import type { SignalReader } from './backfill-session'
import { sleep } from './registry/sleep'

const everyMs = 1_000
const probesKept = 20
const probeTimeoutMs = 2_000

export interface Signals {
  /** the newest; undefined before the first */
  readings(): Readings | undefined
  close(): Promise<void>
}

/** Reads once a second, on a connection of its own: the one that runs the batches is busy while others wait for it. */
export function watchSignals(open: () => Promise<SignalReader>, { health }: PauseLimits): Signals {
  const stop = new AbortController()
  const probes: (number | null)[] = []
  let reader: SignalReader | undefined
  let last: (Omit<Readings, 'ageMs'> & { at: number }) | undefined

  const look = async (): Promise<void> => {
    try {
      reader ??= await open()
      const seen = await reader.read()
      if (health) probes.push(await probe(health.url))
      last = { ...seen, ...(health ? { probes: probes.slice(-probesKept) } : {}), at: performance.now() }
    } catch (error) {
      await reader?.close()
      reader = undefined
      last = { failed: codeOf(error) ?? 'connection lost', at: performance.now() }
    }
  }
  const watching = (async () => {
    while (!stop.signal.aborted) {
      await look()
      await sleep(everyMs, stop.signal).catch(() => undefined)
    }
  })()
  return {
    readings() {
      if (!last) return undefined
      const { at, ...seen } = last
      return { ...seen, ageMs: performance.now() - at }
    },
    async close() {
      stop.abort()
      await watching
      await reader?.close()
    },
  }
}

/** How long a good answer takes, or null. */
async function probe(url: string): Promise<number | null> {
  const started = performance.now()
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(probeTimeoutMs) })
    await answer.arrayBuffer()
    return answer.ok ? performance.now() - started : null
  } catch {
    return null
  }
}
