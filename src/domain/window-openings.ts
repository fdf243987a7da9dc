import type { Freeze, WindowRule } from './policy'
import { durationWords } from './text'
import { freezeSpan, ruleSpans, spansFrom, type WindowRules, windowState, type WindowState } from './window'
import { type Span, union, without } from './window-span'
import { localWords } from './window-zone'

/** A coming time in which upgrades may start, or that freezes hide; instants are epoch milliseconds. */
export type Opening = {
  from: number
  /** null: no end */
  to: number | null
  /** positions of the rules that make it, from 1; empty without windows */
  rules: number[]
} & (
  | {
      kind: 'open'
      /** null: no end */ latestStart: number | null
      /** shorter than the upgrade is expected to take */ tooShort: boolean
      /** the freezes that cut it */ cutBy: Freeze[]
    }
  | { kind: 'frozen'; /** how many openings, one after the other */ count: number; hiddenBy: Freeze[] }
)

interface RuledSpan extends Span {
  rules: number[]
}

const join = (a: RuledSpan, b: RuledSpan): RuledSpan => ({
  from: a.from,
  to: Math.max(a.to, b.to),
  rules: [...new Set([...a.rules, ...b.rules])].sort((one, other) => one - other),
})

/**
 * The next `n` openings from `from` on, the one that is open first. Openings that the same freezes hide, one after the
 * other, are told as one.
 */
export function nextOpenings(rules: WindowRules, from: number, n: number, expectedMs = 0): Opening[] {
  const openings: Opening[] = []
  for (const span of ruledSpans(rules.windows, from)) {
    for (const opening of thawOf(span, rules.freezes, expectedMs)) {
      const last = openings.at(-1)
      if (opening.kind === 'frozen' && last?.kind === 'frozen' && sameFreezes(last.hiddenBy, opening.hiddenBy))
        openings[openings.length - 1] = {
          ...last,
          to: opening.to,
          rules: join({ ...span, rules: last.rules }, span).rules,
          count: last.count + 1,
        }
      else if (openings.length === n) return openings
      else openings.push(opening)
    }
  }
  return openings
}

function ruledSpans(windows: readonly WindowRule[], from: number): Iterable<RuledSpan> {
  if (windows.length === 0) return [{ from, to: Infinity, rules: [] }]
  return spansFrom<RuledSpan>(
    from,
    (bounds) =>
      union(
        windows.flatMap((rule, index) => ruleSpans(rule, bounds).map((span) => ({ ...span, rules: [index + 1] }))),
        join,
      ),
    join,
  )
}

/** The first opening from here on in which the upgrade fits; undefined when there is none in five years. */
export function nextFit(rules: WindowRules, from: number, expectedMs = 0): Opening | undefined {
  for (const span of ruledSpans(rules.windows, from)) {
    const fit = thawOf(span, rules.freezes, expectedMs).find((each) => each.kind === 'open' && !each.tooShort)
    if (fit) return fit
  }
  return undefined
}

/** What freezes leave of one span, or that they hide it. */
function thawOf({ rules, ...span }: RuledSpan, freezes: readonly Freeze[], expectedMs: number): Opening[] {
  const cutBy = freezes.filter((freeze) => overlaps(freezeSpan(freeze), span))
  const pieces = without([span], cutBy.map(freezeSpan))
  if (pieces.length === 0)
    return [{ kind: 'frozen', from: span.from, to: endOf(span.to), rules, count: 1, hiddenBy: cutBy }]
  return pieces.map(({ from, to }) => ({
    kind: 'open',
    from,
    to: endOf(to),
    rules,
    latestStart: endOf(to - expectedMs),
    tooShort: to - from < expectedMs,
    cutBy: cutBy.filter((freeze) => freezeSpan(freeze).to === from || freezeSpan(freeze).from === to),
  }))
}

const overlaps = (a: Span, b: Span): boolean => a.from < b.to && b.from < a.to

const endOf = (at: number): number | null => (Number.isFinite(at) ? at : null)

const sameFreezes = (a: readonly Freeze[], b: readonly Freeze[]): boolean =>
  a.length === b.length && a.every((freeze, index) => freeze === b[index])

/** Whether an upgrade may start now, and why not, in one sentence with times in the zone of the window. */
export function whyClosed(rules: WindowRules, now: number, expectedMs = 0): string {
  return stateWords(windowState({ ...rules, now, expectedMs }), rules, now, expectedMs)
}

/** The same of a state that is known already. */
export function stateWords(state: WindowState, rules: WindowRules, now: number, expectedMs = 0): string {
  const zone = zoneOf(rules)
  const at = (instant: number): string => `${localWords(instant, zone)} (${zone})`
  switch (state.kind) {
    case 'never':
      return `it never opens: ${state.because}`
    case 'open':
      return state.closesAt === undefined
        ? 'it is open, and nothing closes it'
        : `it is open until ${at(state.closesAt)}${expectedMs > 0 && state.latestStart !== undefined ? `; an upgrade fits in until ${at(state.latestStart)}` : ''}`
    case 'closed':
      return `${closedWords(state.because, rules, now, expectedMs)}; it opens ${at(state.opensAt)}`
  }
}

function closedWords(
  because: Extract<WindowState, { kind: 'closed' }>['because'],
  rules: WindowRules,
  at: number,
  expectedMs: number,
): string {
  if (because === 'window') return 'no window is open'
  if (because === 'too-late')
    return `a window is open, but what is left of it is shorter than the ${durationWords(expectedMs)} that the upgrade is expected to take`
  const now = rules.freezes.some((freeze) => holds(freeze, at))
  return now
    ? `frozen by ${frozenWords(rules, at)}`
    : `no window is open, and the next is cut or hidden by ${frozenWords(rules, at)}`
}

const holds = (freeze: Freeze, at: number): boolean => overlaps(freezeSpan(freeze), { from: at, to: at + 1 })

/** The freezes that hold this instant, else those that take the next opening away. */
export function frozenWords(rules: WindowRules, at: number): string {
  const frozen = rules.freezes.filter((freeze) => holds(freeze, at))
  if (frozen.length > 0) return freezeWords(frozen)
  const [next] = nextOpenings(rules, at, 1)
  return freezeWords(next?.kind === 'frozen' ? next.hiddenBy : (next?.cutBy ?? []))
}

/** `the freeze from 2026-12-20 to 2027-01-04 (Africa/Nairobi)` */
export const freezeWords = (freezes: readonly Freeze[]): string =>
  freezes.map(({ from, to, timeZone }) => `the freeze from ${from} to ${to} (${timeZone})`).join(' and ') || 'a freeze'

/** What times are told in: the zone of the first window, else of the first freeze. */
export const zoneOf = ({ windows, freezes }: WindowRules): string =>
  windows[0]?.timeZone ?? freezes[0]?.timeZone ?? 'UTC'
