import { Cron } from 'croner'
import type { Freeze, WindowRule } from './policy'

/** Instants are epoch milliseconds. */
export type WindowState =
  | {
      kind: 'open'
      /** undefined: no end */
      closesAt?: number
    }
  | { kind: 'closed'; opensAt: number; because: 'window' | 'freeze' }
  | { kind: 'never' }

interface Rules {
  windows: WindowRule[]
  freezes: Freeze[]
  now: number
}

const dayMs = 86_400_000
/** Five years hold the rarest line, 29 February; beyond it an opening is as good as none. */
const horizonMs = 5 * 366 * dayMs
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
    if (thaw === undefined)
      return start === now ? openUntil(opening.to, freezes, now) : { kind: 'closed', opensAt: start, because }
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

/** The opening that holds `at`, or the next one; openings that overlap or touch count as one. */
function nextOpening(windows: WindowRule[], at: number): { from: number; to: number } | undefined {
  const rules = windows.filter(({ durationMs }) => durationMs > 0).map((rule) => ({ ...rule, line: lineOf(rule) }))
  const begun = rules
    .map((rule) => ({ rule, start: lastStart(rule.line, at) }))
    .filter(({ rule, start }) => start + rule.durationMs > at)
  const next = Math.min(...rules.map(({ line }) => line.nextRun(new Date(at))?.getTime() ?? Infinity))
  const from = begun.length > 0 ? Math.min(...begun.map(({ start }) => start)) : next
  if (!Number.isFinite(from)) return undefined
  let to = Math.max(from, at)
  for (let i = 0; i < openingsLookedAt; i += 1) {
    const reach = Math.max(...rules.map(({ line, durationMs }) => lastStart(line, to) + durationMs))
    if (reach <= to) return { from, to }
    to = reach
  }
  // Openings that never leave a gap: for all that anybody plans, it stays open.
  return { from, to: Infinity }
}

type Line = Pick<Cron, 'nextRun' | 'previousRuns'>

/** Lists and ranges of hours are fixed times too: each fires once in the fold of a clock change. */
function lineOf(rule: Pick<WindowRule, 'timeZone'> & { cron?: string }): Line {
  const { cron = '', timeZone } = rule
  return new Cron(cron, { timezone: timeZone, paused: true, mode: '5-part', fixedTimeRule: 'no-wildcard' })
}

/** The latest start at or before `at`; -Infinity when there is none. All openings of a rule last equally long, so it ends last, too. */
function lastStart(line: Line, at: number): number {
  return line.previousRuns(1, new Date(at + 1))[0]?.getTime() ?? -Infinity
}

/** Why a text is no cron line of five fields that ever fires; undefined when it is one. `0 0 31 2 *` never does. */
export function cronProblem(cron: string): string | undefined {
  if (cron.trim().startsWith('@')) return 'nicknames are not allowed'
  try {
    return lineOf({ cron, timeZone: 'UTC' }).nextRun(new Date(0)) ? undefined : 'it never comes up'
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error)
  }
}

/** Whether a name is an IANA time zone. Fixed offsets are none: they don't follow the clock that people live by. */
export function validTimeZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
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
  // Zones lie within ±15 h of UTC, at quarter hours: look for the first one whose local date is the day's.
  let at = wanted - 15 * 3_600_000
  while (localDay(at, timeZone) < day) at += 900_000
  return at
}

const formats = new Map<string, Intl.DateTimeFormat>()
function localDay(at: number, timeZone: string): string {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  formats.set(timeZone, format)
  return format.format(new Date(at))
}
