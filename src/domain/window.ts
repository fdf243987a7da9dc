import type { Freeze, WindowRule } from './policy'
import { durationWords } from './text'
import { clip, intersection, type Span, union, without } from './window-span'
import { startsOf } from './window-starts'
import { dayAt, dayMs, dayNumber, dayStart, firstInstant, minuteMs } from './window-zone'

/** Instants are epoch milliseconds. */
export type WindowState =
  | {
      kind: 'open'
      /** undefined: no end */
      closesAt?: number
      /** the last instant at which an upgrade that takes as long as expected still fits; undefined: no end */
      latestStart?: number
    }
  | {
      kind: 'closed'
      opensAt: number
      /** `too-late`: it is open, but what is left of it is shorter than the upgrade is expected to take */
      because: 'window' | 'freeze' | 'too-late'
    }
  | { kind: 'never'; because: string }

/** When upgrades under one policy may run; freezes win. Without windows every time outside freezes is good. */
export interface WindowRules {
  windows: readonly WindowRule[]
  freezes: readonly Freeze[]
}

/** What opens later than in five years opens never; the rarest line, 29 February, opens within four mostly. */
export const horizonMs = 5 * 366 * dayMs

/** As far as anybody looks ahead: a window of each minute has more openings in five years than a worker may stand still for. */
const mostSpans = 50_000

/**
 * Whether an upgrade may start at `now`, and else when; `expectedMs` is how long it takes. Windows are half-open, from a
 * start by the wall clock of their zone for a duration: docs/windows.md says how each is read.
 */
export function windowState({
  now,
  expectedMs,
  ...rules
}: WindowRules & { now: number; expectedMs?: number | undefined }): WindowState {
  return combinedWindowState([rules], now, expectedMs)
}

/** The same for what goes under several policies at once, as a release does: open when all of them are. */
export function combinedWindowState(list: readonly WindowRules[], now: number, expectedMs = 0): WindowState {
  const first = firstFit(openSpans(list, now), now, expectedMs)
  if (first === undefined) return { kind: 'never', because: neverWords(list, now, expectedMs) }
  const { from, to } = first
  if (from > now) return { kind: 'closed', opensAt: from, because: closedBy(list, now, expectedMs, from) }
  return Number.isFinite(to) ? { kind: 'open', closesAt: to, latestStart: to - expectedMs } : { kind: 'open' }
}

/** The first span with room for an upgrade that starts no earlier than `now`, cut to there. */
function firstFit(spans: Iterable<Span>, now: number, expectedMs: number): Span | undefined {
  for (const { from, to } of spans) if (Math.max(from, now) <= to - expectedMs) return { from: Math.max(from, now), to }
  return undefined
}

function closedBy(
  list: readonly WindowRules[],
  now: number,
  expectedMs: number,
  opensAt: number,
): 'window' | 'freeze' | 'too-late' {
  const unfrozen = firstFit(openSpans(thawed(list), now), now, expectedMs)
  if (unfrozen && unfrozen.from < opensAt) return 'freeze'
  const [current] = openSpans(list, now)
  return current && current.from <= now ? 'too-late' : 'window'
}

function neverWords(list: readonly WindowRules[], now: number, expectedMs: number): string {
  const expected = durationWords(expectedMs)
  if (firstFit(openSpans(list, now), now, 0))
    return `no window is as long as the upgrade is expected to take (${expected})`
  if (firstFit(openSpans(thawed(list), now), now, 0)) return 'freezes cover every window of the next five years'
  const opens = list.every((rules) => firstFit(openSpans(thawed([rules]), now), now, 0))
  if (opens) return 'the windows of the policies are never open at the same time in the next five years'
  return 'no window opens in the next five years'
}

export const thawed = (list: readonly WindowRules[]): WindowRules[] =>
  list.map(({ windows }) => ({ windows, freezes: [] }))

/** When all of these are open: spans in order, those that touch as one, the last one without an end where none is in sight. */
function openSpans(list: readonly WindowRules[], from: number): Generator<Span> {
  const frozen = list.flatMap(({ freezes }) => freezes).map(freezeSpan)
  return spansFrom(from, (bounds) => {
    const open = list.map(({ windows }) =>
      windows.length === 0 ? [bounds] : union(windows.flatMap((rule) => ruleSpans(rule, bounds))),
    )
    return without(open.reduce(intersection, [bounds]), frozen)
  })
}

/**
 * Spans in order up to the horizon, or to the fifty thousandth, asked for in stretches that get longer: whatever opens soon is found soon. Those that
 * touch come as one; one that reaches the horizon has no end.
 */
export function* spansFrom<T extends Span>(
  from: number,
  inBounds: (bounds: Span) => T[],
  join?: (a: T, b: T) => T,
): Generator<T> {
  let pending: T[] = []
  let start = from
  for (let [days, seen] = [16, 0]; start < from + horizonMs && seen < mostSpans; days *= 2) {
    const end = Math.min(start + days * dayMs, from + horizonMs)
    const spans = union([...pending, ...inBounds({ from: start, to: end })], join)
    pending = spans.slice(-1)
    yield* spans.slice(0, -1)
    start = end
    seen += spans.length
  }
  // Where the view ends nobody sees how long an opening lasts; one that has been open for a year stays open for all that anybody plans.
  for (const last of pending)
    if (last.to < start) yield last
    else if (last.to - last.from > horizonMs / 5) yield { ...last, to: Infinity }
}

/** When one rule is open within these bounds. */
export function ruleSpans(rule: WindowRule, bounds: Span): Span[] {
  const { durationMs, timeZone } = rule
  const first = dayAt(bounds.from - durationMs, timeZone) - 1
  const last = dayAt(bounds.to, timeZone) + 1
  const shapes = new Map<readonly number[], Span[]>()
  const spans: Span[] = []
  for (const { day, minutes } of startsOf(rule, first, last)) {
    const [start, end] = [dayStart(day, timeZone), dayStart(day + 1, timeZone)]
    if (end - start !== dayMs) {
      spans.push(...changedDay(rule, day, minutes))
      continue
    }
    const shape = shapes.get(minutes) ?? shapeOf(minutes, durationMs)
    shapes.set(minutes, shape)
    for (const { from, to } of shape) spans.push({ from: start + from, to: start + to })
  }
  return clip(union(spans), bounds)
}

/** The spans of a day without a clock change, from its start. */
const shapeOf = (minutes: readonly number[], durationMs: number): Span[] =>
  union(minutes.map((minute) => ({ from: minute * minuteMs, to: minute * minuteMs + durationMs })))

function changedDay({ timeZone, durationMs }: WindowRule, day: number, minutes: readonly number[]): Span[] {
  return minutes.flatMap((minute): Span[] => {
    const from = firstInstant(day * dayMs + minute * minuteMs, timeZone)
    return from === undefined ? [] : [{ from, to: from + durationMs }]
  })
}

/** Whole days, both included, in the freeze's own zone. */
export const freezeSpan = ({ from, to, timeZone }: Freeze): Span => ({
  from: dayStart(dayNumber(from), timeZone),
  to: dayStart(dayNumber(to) + 1, timeZone),
})
