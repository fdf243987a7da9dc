/** Openings and freezes as stretches of what is shown. */
import type { CalendarPage } from '../api/shapes'

export interface Span {
  from: number
  to: number
}

export type Opening = CalendarPage['openings'][number]
export type Freeze = CalendarPage['freezes'][number]

/** The part of it that is shown; undefined where none is. */
export function shownPart({ from, to }: { from: string; to: string | null }, span: Span): Span | undefined {
  const start = Math.max(Date.parse(from), span.from)
  const end = Math.min(to === null ? span.to : Date.parse(to), span.to)
  return end > start ? { from: start, to: end } : undefined
}

const covers = (opening: Opening, span: Span): boolean => {
  const part = shownPart(opening, span)
  return (
    part !== undefined &&
    part.to - part.from >= span.to - Math.max(span.from, Date.parse(opening.from)) &&
    opening.to === null
  )
}

/** Policies that are open all the time, which needs no picture. */
export const alwaysOpen = (openings: readonly Opening[], span: Span): string[] => [
  ...new Set(openings.filter((each) => covers(each, span)).map(({ policy }) => policy)),
]

/** Openings of windows, by policy. */
export function byPolicy(openings: readonly Opening[], span: Span): Map<string, Opening[]> {
  const found = new Map<string, Opening[]>()
  for (const each of openings)
    if (!covers(each, span) && shownPart(each, span)) found.set(each.policy, [...(found.get(each.policy) ?? []), each])
  return found
}

/** Whether this freeze holds what the policy selects. */
export const concerns = (freeze: Freeze, policy: string, namespaces: readonly string[]): boolean =>
  freeze.policy === policy ||
  (freeze.policy === null && (freeze.namespace === null || namespaces.includes(freeze.namespace)))
