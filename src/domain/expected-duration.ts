/** How long an upgrade is expected to take, from preflight to its end. */
export interface Expected {
  ms: number
  /** `guess`: nobody says, and no upgrade of the service has succeeded yet */
  source: 'policy' | 'learned' | 'guess'
}

const guessedPerStepMs = 120_000

/**
 * What the policy says; else what 19 of 20 of the earlier upgrades took at most; else the bake and two minutes for each
 * workload and each migration.
 */
export function expectedOf({
  policyMs,
  earlier,
  size,
}: {
  policyMs: number | undefined
  /** how long succeeded ones took */
  earlier: readonly number[]
  size: { bakeMs: number; workloads: number; migrations: number }
}): Expected {
  if (policyMs !== undefined) return { ms: policyMs, source: 'policy' }
  if (earlier.length > 0) return { ms: percentile95(earlier), source: 'learned' }
  return { ms: size.bakeMs + guessedPerStepMs * (size.workloads + size.migrations), source: 'guess' }
}

/** By nearest rank: of fewer than twenty it is the longest. */
function percentile95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0
}
