export interface Sample {
  /** upgrades that had ended by then */
  upgrades: number
  /** of the worker and of the server, MiB */
  worker: number
  server: number
  /** what V8 calls used of its heap, MiB */
  workerHeap: number
  serverHeap: number
}

export interface Slope {
  /** MiB per 1,000 upgrades */
  perThousand: number
  /** half the width of its 95 % confidence interval */
  plusMinus: number
  /** no growth that differs from none */
  isFlat: boolean
}

/** Two-sided 95 % of Student's t for many degrees of freedom. */
const t95 = 1.98

/**
 * The least-squares slope of a series over the upgrades done, after the first part, in which caches fill. Neighbouring
 * samples resemble each other, so they are averaged into `parts` equal stretches first, and those are taken as independent.
 */
export function slopeOf(
  samples: readonly Sample[],
  key: Exclude<keyof Sample, 'upgrades'>,
  { skip = 0.25, parts = 20 } = {},
): Slope {
  const [first, last] = [samples[0]?.upgrades ?? 0, samples.at(-1)?.upgrades ?? 0]
  const from = first + (last - first) * skip
  const width = (last - from) / parts
  const points = Array.from({ length: parts }, (_, part) => {
    const low = from + part * width
    const within = samples.filter(({ upgrades }) => upgrades > low && upgrades <= low + width)
    return { x: mean(within.map(({ upgrades }) => upgrades)), y: mean(within.map((each) => each[key])) }
  }).filter(({ x }) => Number.isFinite(x))
  const [x0, y0] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))]
  const sxx = sum(points.map(({ x }) => (x - x0) ** 2))
  const slope = sum(points.map(({ x, y }) => (x - x0) * (y - y0))) / sxx
  const residual = sum(points.map(({ x, y }) => (y - y0 - slope * (x - x0)) ** 2))
  const plusMinus = t95 * Math.sqrt(residual / (points.length - 2) / sxx)
  return { perThousand: slope * 1_000, plusMinus: plusMinus * 1_000, isFlat: slope - plusMinus <= 0 }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]): number => sum(values) / values.length
