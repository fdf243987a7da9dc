/** How many rows the next batch takes, and what earlier ones taught. */
export interface Tuning {
  rows: number
  /** a moving average; undefined before the first batch that taught something */
  msPerRow?: number
  /** timeouts in a row */
  timeouts: number
}

/** What a batch took. */
export interface Measured {
  ms: number
  scanned: number
  changed: number
}

export const bounds = { least: 100, most: 50_000, first: 1_000 } as const
/** Timeouts in a row after which it gives up. */
export const tries = 3
const weight = 0.4
/** No batch is more than so much larger or smaller than the one before it: what it takes is only expected. */
const [grow, shrink] = [2, 0.5]
/** Between them a batch is as long as it should be. */
const [tooShort, tooLong] = [0.8, 1.2]

/** `rows` from a checkpoint, or undefined for the first run. */
export const newTuning = (rows: number = bounds.first): Tuning => ({ rows: bounded(rows), timeouts: 0 })

/**
 * After a batch that was committed: as many rows as should take the target, by the average; where it is about right, it is
 * left alone. Rows that were only looked at cost next to nothing: a batch that changed less than half of its rows says
 * little about one that has to change all of them, so it never lets the next one grow.
 */
export function afterBatch(tuning: Tuning, { ms, scanned, changed }: Measured, targetMs: number): Tuning {
  if (scanned === 0) return { ...tuning, timeouts: 0 }
  const sparse = changed * 2 < scanned
  const now = ms / scanned
  if (sparse)
    return { ...tuning, rows: ms > targetMs * tooLong ? bounded(tuning.rows * shrink) : tuning.rows, timeouts: 0 }
  const msPerRow = tuning.msPerRow === undefined ? now : weight * now + (1 - weight) * tuning.msPerRow
  const expected = (msPerRow * tuning.rows) / targetMs
  const isRight = expected >= tooShort && expected <= tooLong
  const factor = isRight ? 1 : Math.min(grow, Math.max(shrink, 1 / expected))
  return { rows: bounded(tuning.rows * factor), msPerRow, timeouts: 0 }
}

/** After a batch that ran into its timeout and was rolled back: half of it; undefined once it was the last try. */
export function afterTimeout(tuning: Tuning): Tuning | undefined {
  // Only tries with the smallest batch count: halving a large one several times is no failure.
  const timeouts = tuning.rows <= bounds.least ? tuning.timeouts + 1 : 0
  if (timeouts >= tries) return undefined
  return { ...tuning, rows: bounded(tuning.rows * shrink), timeouts }
}

const bounded = (rows: number): number => Math.min(bounds.most, Math.max(bounds.least, Math.round(rows)))
