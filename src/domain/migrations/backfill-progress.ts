import { durationWords } from '../text'

/** Where a backfill stands. Counts are over all its runs; times are of this run. */
export interface BackfillProgress {
  /** from 1: how often it has begun at the first row */
  pass: number
  /** rows looked at in this pass */
  scanned: number
  /** rows changed in all passes */
  changed: number
  batches: number
  /** rows of the next batch */
  rows: number
  /** the table's rows by the planner's statistics; undefined where there are none */
  estimatedTotal?: number | undefined
  /** of this run, so that rows of earlier ones don't count for its rate */
  scannedHere: number
  elapsedMs: number
  /** of it: how long it paused */
  pausedMs: number
  /** why it waits, when it does */
  waitsFor?: string | undefined
}

/** What can be said of the rest: of the first pass only, and never more than the statistics know. */
export interface Estimate {
  /** 0 to 99: only the proof says 100 */
  percent?: number
  restMs?: number
  rowsPerSecond?: number
}

/** An estimate, always to be marked as one. */
export function estimate(progress: BackfillProgress): Estimate {
  const { pass, scanned, scannedHere, estimatedTotal, elapsedMs, pausedMs } = progress
  const workedMs = elapsedMs - pausedMs
  const rate = workedMs > 0 && scannedHere > 0 ? scannedHere / workedMs : undefined
  const rowsPerSecond = rate === undefined ? {} : { rowsPerSecond: Math.round(rate * 1_000) }
  // Later passes end when they end, and a table beyond its statistics has no known rest.
  if (pass > 1 || estimatedTotal === undefined || scanned >= estimatedTotal) return rowsPerSecond
  return {
    ...rowsPerSecond,
    percent: Math.floor((scanned / estimatedTotal) * 100),
    ...(rate === undefined ? {} : { restMs: Math.round((estimatedTotal - scanned) / rate) }),
  }
}

/** One line for people. */
export function progressWords(progress: BackfillProgress): string {
  const { pass, scanned, changed, rows, waitsFor } = progress
  const { percent, restMs, rowsPerSecond } = estimate(progress)
  return [
    pass > 1 ? `pass ${pass}: ${scanned} rows seen` : `${scanned} rows seen`,
    `${changed} changed`,
    ...(percent === undefined ? [] : [`about ${percent} % (estimate)`]),
    ...(rowsPerSecond === undefined ? [] : [`${rowsPerSecond} rows/s`]),
    ...(waitsFor === undefined ? [`${rows} a batch`] : [`waits: ${waitsFor}`]),
    ...(restMs === undefined || waitsFor !== undefined ? [] : [`about ${durationWords(restMs)} left (estimate)`]),
  ].join(', ')
}
