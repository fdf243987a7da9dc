import type { Freeze, WindowRule } from './policy'
import { freezeSpan, ruleSpans, spansFrom, type WindowRules } from './window'
import { type Span, union, without } from './window-span'

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
 * other, are told as one. With `until` only those that begin before it.
 */
export function nextOpenings(rules: WindowRules, from: number, n: number, expectedMs = 0, until = Infinity): Opening[] {
  const openings: Opening[] = []
  for (const span of ruledSpans(rules.windows, from)) {
    if (span.from >= until) return openings
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
