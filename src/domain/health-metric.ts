import type { HealthVerdict } from './health'
import type { MetricCheck } from './health-check'
import { clean, durationWords } from './text'

/** What a query gave over a time: how many series, and the values of the first; or why it can't be told. */
export type MetricAnswer = { series: number; values: number[] } | { error: string }

interface Asked {
  now: MetricAnswer
  /** the same over the time before the upgrade; only for `worse` */
  before?: MetricAnswer
  /** for how long there have been new pods to measure, ms */
  elapsedMs: number
}

/**
 * Holds the mean of a query against its bounds. Too few values are `waiting` for as long as the time that is looked at isn't
 * over, then `unknown`; no traffic is no proof of health (law 7).
 */
export function judgeMetric(check: MetricCheck, { now, before, elapsedMs }: Asked): HealthVerdict {
  const current = meanOf(check, now)
  if ('problem' in current) {
    const isEarly = current.isThin && elapsedMs < check.overMs + stepMsOf(check)
    return { kind: isEarly ? 'waiting' : 'unknown', sentence: `${name(check)} ${current.problem}` }
  }
  const { worse, max, min } = check
  if (worse === undefined) return held(check, current.mean, { max, min })
  const earlier = meanOf(check, before ?? { error: 'the time before the upgrade was not asked' })
  if ('problem' in earlier)
    return { kind: 'unknown', sentence: `${name(check)}, before the upgrade, ${earlier.problem}` }
  const isLess = min !== undefined
  const bound = isLess ? Math.min(earlier.mean / worse, min) : Math.max(earlier.mean * worse, max ?? -Infinity)
  const verdict = held(check, current.mean, isLess ? { min: bound } : { max: bound })
  return verdict.kind === 'bad'
    ? { ...verdict, sentence: `${verdict.sentence} (${figure(earlier.mean)} before the upgrade)` }
    : verdict
}

/** The distance of the values that are asked for. */
export const stepMsOf = ({ overMs, samples }: MetricCheck): number => overMs / samples

function meanOf(check: MetricCheck, answer: MetricAnswer): { mean: number } | { problem: string; isThin?: boolean } {
  if ('error' in answer) return { problem: `can't be read: ${answer.error}` }
  if (answer.series > 1)
    return { problem: `gives ${answer.series} series, not one; aggregate it, such as with sum() or max()` }
  // 0/0 of a ratio: nobody called.
  const values = answer.values.filter((value) => !Number.isNaN(value))
  if (values.length < check.samples)
    return {
      problem: `gives ${values.length} of ${check.samples} values over ${durationWords(check.overMs)}`,
      isThin: true,
    }
  const mean = values.reduce((sum, value) => sum + value / values.length, 0)
  return Number.isNaN(mean) ? { problem: 'is infinite in both directions' } : { mean }
}

function held(
  check: MetricCheck,
  mean: number,
  { max = Infinity, min = -Infinity }: { max?: number | undefined; min?: number | undefined },
): HealthVerdict {
  const is = `${name(check)} is ${figure(mean)}`
  if (mean > max) return { kind: 'bad', sentence: `${is} over ${durationWords(check.overMs)}, at most ${figure(max)}` }
  if (mean < min) return { kind: 'bad', sentence: `${is} over ${durationWords(check.overMs)}, at least ${figure(min)}` }
  return { kind: 'ok', sentence: is }
}

const name = ({ query }: MetricCheck): string => clean(query, 120)

const figure = (value: number): string => String(Number(value.toPrecision(4)))
