/** What a batch that was rolled back means: half of it, the same again a little later, no connection, or the end. */
export type BatchFailure = 'split' | 'again' | 'lost' | 'fail'

/** By SQLSTATE, undefined where the error is none of PostgreSQL's. */
export function batchFailure(code: string | undefined): BatchFailure {
  if (code === undefined) return 'lost'
  // query_canceled is the statement timeout: nobody else cancels it.
  if (code === '57014') return 'split'
  // lock_not_available, deadlock_detected, serialization_failure
  if (code === '55P03' || code === '40P01' || code === '40001') return 'again'
  // connection, resources, shutdown, a session that was ended, a server that became a standby
  if (/^(08|53|57P|25P0[23]|25006)/.test(code) || !/^[0-9A-Z]{5}$/.test(code)) return 'lost'
  return 'fail'
}

const [firstMs, mostMs] = [50, 5_000]

/** How long to wait before the n-th try (from 1) after locks; `random` is from 0 to 1. */
export const againAfterMs = (attempt: number, random: number): number =>
  Math.round(Math.min(mostMs, firstMs * 2 ** Math.min(attempt - 1, 10)) * (0.5 + random / 2))
