import { Cron } from 'croner'
import type { Freeze, WindowRule } from './policy'

/** Instants are epoch milliseconds. */
export type WindowState =
  | { kind: 'open'; /** undefined: no end */ closesAt?: number }
  | { kind: 'closed'; opensAt: number; because: 'window' | 'freeze' }
  | { kind: 'never' }

interface Rules {
  windows: WindowRule[]
  freezes: Freeze[]
  now: number
}

const dayMs = 86_400_000
/** Beyond this no opening is looked for: a window that comes later is a mistake in the file. */
const horizonMs = 400 * dayMs
const openingsLookedAt = 1_000

/**
 * Whether an upgrade may start at `now`, and else when. Windows are half-open, from a cron start in its zone for a
 * duration; a start in the gap of a clock change moves to the first valid instant and one in the fold fires once. A
 * freeze beats every window; without windows everything outside freezes is open.
 */
export function windowState({ windows, freezes, now }: Rules): WindowState {
  let at = now
  let because: 'window' | 'freeze' = 'window'
  for (let i = 0; i < openingsLookedAt && at <= now + horizonMs; i += 1) {
    const opening = windows.length === 0 ? { from: at, to: undefined } : nextOpening(windows, at)
    if (!opening) return { kind: 'never' }
    const start = Math.max(opening.from, at)
    const thaw = thawOf(freezes, start)
    if (thaw === undefined) return start === now ? openUntil(opening.to, freezes, now) : { kind: 'closed', opensAt: start, because }
    because = 'freeze'
    at = thaw
  }
  return { kind: 'never' }
}

function openUntil(end: number | undefined, freezes: Freeze[], now: number): WindowState {
  const nextFreeze = freezes.map(({ from, timeZone }) => startOfDay(from, timeZone)).filter((start) => start > now)
  const closesAt = Math.min(end ?? Infinity, ...nextFreeze)
  return Number.isFinite(closesAt) ? { kind: 'open', closesAt } : { kind: 'open' }
}

/** The opening that holds `at`, or the next one; overlapping openings count as one. */
function nextOpening(windows: WindowRule[], at: number): { from: number; to: number } | undefined {
  const openings = windows.flatMap((rule) => openingsAround(rule, at)).sort((a, b) => a.from - b.from)
  let found: { from: number; to: number } | undefined
  for (const { from, to } of openings) {
    if (to <= at) continue
    if (!found) found = { from, to }
    else if (from <= found.to) found.to = Math.max(found.to, to)
    else break
  }
  return found
}

/** Openings of one rule that end after `at`: those that began up to one duration ago, and the next. */
function openingsAround({ cron, durationMs, timeZone }: WindowRule, at: number): { from: number; to: number }[] {
  const line = new Cron(cron, { timezone: timeZone, paused: true, mode: '5-part' })
  const openings: { from: number; to: number }[] = []
  let start = line.nextRun(new Date(at - durationMs))
  while (start && openings.length < openingsLookedAt) {
    openings.push({ from: start.getTime(), to: start.getTime() + durationMs })
    if (start.getTime() > at) break
    start = line.nextRun(start)
  }
  return openings
}

/** When the freezes that hold `at` are over; undefined when none does. */
function thawOf(freezes: Freeze[], at: number): number | undefined {
  const ends = freezes
    .map(({ from, to, timeZone }) => ({ from: startOfDay(from, timeZone), to: startOfDay(dayAfter(to), timeZone) }))
    .filter(({ from, to }) => from <= at && at < to)
    .map(({ to }) => to)
  return ends.length > 0 ? Math.max(...ends) : undefined
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + dayMs).toISOString().slice(0, 10)
}

/** First instant of a local day (YYYY-MM-DD): usually midnight, later where the clock skips it. */
export function startOfDay(day: string, timeZone: string): number {
  const wanted = Date.parse(`${day}T00:00:00Z`)
  // Zones lie within ±15 h of UTC: look for the first quarter hour whose local date is the day's.
  let at = wanted - 15 * 3_600_000
  while (localDay(at, timeZone) < day) at += 900_000
  return at
}

const formats = new Map<string, Intl.DateTimeFormat>()
function localDay(at: number, timeZone: string): string {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  formats.set(timeZone, format)
  return format.format(new Date(at))
}
