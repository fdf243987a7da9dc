import type { IncomingHttpHeaders } from 'node:http'
import { one } from './headers'

/** A header of a year would stop a registry for good. */
const longestMs = 6 * 3_600_000
/** For a busy answer that doesn't say how long. */
const unsaidMs = 60_000
/** A used up allowance says how long its whole window is, not when it began: it is asked again now and then. */
const longestWindowMs = 300_000

/**
 * Until when (epoch ms) an answer wants its host to be left alone: a 429, a 503 or 403 with `Retry-After`, or any answer
 * that says `ratelimit-remaining: 0;w=…`. Undefined for all others.
 */
export function leaveAloneUntil(
  method: string,
  { status, headers }: { status: number; headers: IncomingHttpHeaders },
  now: number,
): number | undefined {
  const asked = retryAfterMs(one(headers['retry-after']), now)
  const isBusy = status === 429 || ((status === 503 || status === 403) && asked !== undefined)
  if (isBusy) return now + Math.min(asked ?? windowMs(headers) ?? unsaidMs, longestMs)
  // Docker Hub says what is left on a HEAD too, but counts only what is pulled.
  if (method === 'HEAD') return undefined
  const left = one(headers['ratelimit-remaining'])
  if (left === undefined || !/^\s*0+\s*(?:;|$)/.test(left)) return undefined
  return now + (windowMs(headers) ?? unsaidMs)
}

/** Seconds or an HTTP date; at least a second. */
function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now
  return Number.isNaN(ms) ? undefined : Math.max(ms, 1_000)
}

function windowMs(headers: IncomingHttpHeaders): number | undefined {
  const reset = one(headers['ratelimit-reset'])
  const seconds =
    reset !== undefined && /^\s*\d+/.test(reset)
      ? Number.parseInt(reset, 10)
      : Number(/;\s*w=(\d+)/.exec(one(headers['ratelimit-remaining']) ?? '')?.[1] ?? NaN)
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds * 1_000, 1_000), longestWindowMs)
}
