/** From an instant up to, but without, another; epoch milliseconds. */
export interface Span {
  from: number
  to: number
}

/** Spans that overlap or touch as one, sorted. */
export function union<T extends Span>(spans: readonly T[], join: (a: T, b: T) => T = widest): T[] {
  const joined: T[] = []
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1)
    if (last && span.from <= last.to) joined[joined.length - 1] = join(last, span)
    else if (span.from < span.to) joined.push(span)
  }
  return joined
}

const widest = <T extends Span>(a: T, b: T): T => ({ ...a, to: Math.max(a.to, b.to) })

/** What lies in both; each list sorted and without overlaps. */
export function intersection(a: readonly Span[], b: readonly Span[]): Span[] {
  const common: Span[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [one, other] = [a[i] as Span, b[j] as Span]
    const [from, to] = [Math.max(one.from, other.from), Math.min(one.to, other.to)]
    if (from < to) common.push({ from, to })
    if (one.to < other.to) i += 1
    else j += 1
  }
  return common
}

/** What is left of sorted spans without these. */
export function without(spans: readonly Span[], taken: readonly Span[]): Span[] {
  const edges = union(taken)
  const gaps = [{ to: -Infinity, from: -Infinity }, ...edges].map(({ to }, index) => ({
    from: to,
    to: edges[index]?.from ?? Infinity,
  }))
  return intersection(spans, gaps)
}

/** The part of spans that lies in another one. */
export const clip = (spans: readonly Span[], bounds: Span): Span[] => intersection(spans, [bounds])
