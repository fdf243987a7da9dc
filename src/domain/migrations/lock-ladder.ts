/** How long one statement of the n-th try may wait for a lock: whoever comes after it waits as long (facts/rollout.md §4.4). */
const stepsMs = [100, 200, 500, 1_000, 1_900] as const

/** Nobody waits longer for a migration. */
export const lockCapMs = 2_000

/** How long a try waits at most, and its transaction keeps others from a table; ending it takes a moment, too. */
export const heldCapMs = 1_900

export const mostTries = 30

const [firstPauseMs, mostPauseMs] = [500, 60_000]

/** The lock timeout of a try, counted from 1; there is none without one. */
export const lockTimeoutMs = (attempt: number): number => stepsMs[Math.min(attempt, stepsMs.length) - 1] ?? heldCapMs

/** How long to wait after the n-th try failed; `random` is from 0 to 1. */
export const pauseAfterMs = (attempt: number, random: number): number =>
  Math.round(Math.min(mostPauseMs, firstPauseMs * 2 ** Math.min(attempt - 1, 10)) * (0.5 + random / 2))

/** MySQL counts in whole seconds. */
export const wholeSeconds = (ms: number): number => Math.max(1, Math.floor(ms / 1_000))

/** What is left to a statement's wait when its transaction has kept others from a table for `heldMs` already. */
export const waitLeftMs = (attempt: number, heldMs: number): number =>
  Math.max(1, Math.min(lockTimeoutMs(attempt), Math.floor(heldCapMs - heldMs)))

/** PostgreSQL's lock_not_available and deadlock_detected, MySQL's lock wait timeout and deadlock: only these are tried again. */
export const isLockError = (code: string | number | undefined): boolean =>
  code === '55P03' || code === '40P01' || code === 1205 || code === 1213
