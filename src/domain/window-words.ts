import type { Freeze } from './policy'
import { durationWords } from './text'
import { freezeSpan, type WindowRules, type WindowState } from './window'
import { nextOpenings } from './window-openings'
import { localWords } from './window-zone'

/** Whether an upgrade may start now, and why not, in one sentence with times in the zone of the window. */
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

function holds(freeze: Freeze, at: number): boolean {
  const { from, to } = freezeSpan(freeze)
  return from <= at && at < to
}

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
