import type { PauseLimits } from './backfill'

/** What the signal reader saw last. Undefined is what there is nothing to read of; unread is `failed`. */
export interface Readings {
  /** how old they are */
  ageMs: number
  /** why they couldn't be read */
  failed?: string | undefined
  /** of the replica that is furthest behind */
  replicaLagMs?: number | undefined
  /** the session that waits longest for a lock */
  blockedMs?: number | undefined
  /** the oldest transaction of other sessions that holds a snapshot */
  longTransactionMs?: number | undefined
  /** the last answers of the health probe; null is one that failed */
  probes?: readonly (number | null)[] | undefined
}

export type Verdict = { go: true } | { go: false; reason: string }

/** Older readings say nothing of now. */
const staleMs = 10_000

/** Whether the next batch may start. What can't be read is not taken for well. */
export function judge(readings: Readings | undefined, limits: PauseLimits): Verdict {
  if (!readings) return pause('the signals were not read yet')
  const { ageMs, failed, replicaLagMs, blockedMs, longTransactionMs, probes } = readings
  if (failed !== undefined) return pause(`the signals can't be read (${failed})`)
  if (ageMs > staleMs) return pause(`the signals were last read ${seconds(ageMs)} ago`)
  if (above(replicaLagMs, limits.replicaLagMs))
    return pause(`a replica is ${seconds(replicaLagMs)} behind (limit ${seconds(limits.replicaLagMs)})`)
  if (above(blockedMs, limits.blockedMs))
    return pause(`a session has waited ${seconds(blockedMs)} for a lock (limit ${seconds(limits.blockedMs)})`)
  if (above(longTransactionMs, limits.longTransactionMs))
    return pause(
      `a transaction has been open for ${seconds(longTransactionMs)} (limit ${seconds(limits.longTransactionMs)})`,
    )
  const slow = limits.health && probes ? p95(probes) : undefined
  if (limits.health && slow !== undefined && slow > limits.health.p95Ms)
    return pause(
      Number.isFinite(slow)
        ? `the health probe's p95 is ${Math.round(slow)} ms (limit ${limits.health.p95Ms} ms)`
        : 'the health probe gets no good answer',
    )
  return { go: true }
}

/** By the nearest rank; a probe that failed took for ever. Undefined without probes. */
export function p95(probes: readonly (number | null)[]): number | undefined {
  const sorted = probes.map((ms) => ms ?? Infinity).sort((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.95) - 1]
}

const above = (value: number | undefined, limit: number): value is number => value !== undefined && value > limit
const pause = (reason: string): Verdict => ({ go: false, reason })
const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`
