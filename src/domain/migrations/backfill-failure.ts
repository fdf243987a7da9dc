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

/** Errors of MariaDB and MySQL that mean connection, resources, shutdown, a session that was ended, a server that became a replica. */
const lost = new Set([
  ...[1021, 1037, 1038, 1040, 1041, 1053, 1114, 1129, 1158, 1159, 1160, 1161, 1203, 1226, 1290, 1317, 1836, 1927],
  ...[4031, 2006, 2013],
])

/** By error number, undefined or negative where the error is none of the server's. */
export function mysqlFailure(number: number | undefined): BatchFailure {
  if (number === undefined || number <= 0 || lost.has(number)) return 'lost'
  // ER_STATEMENT_TIMEOUT of MariaDB, ER_QUERY_TIMEOUT of MySQL
  if (number === 1969 || number === 3024) return 'split'
  // lock wait timeout, deadlock, changed since it was read, NOWAIT
  if ([1205, 1213, 1020, 3572].includes(number)) return 'again'
  return 'fail'
}

const [firstMs, mostMs] = [50, 5_000]

/** How long to wait before the n-th try (from 1) after locks; `random` is from 0 to 1. */
export const againAfterMs = (attempt: number, random: number): number =>
  Math.round(Math.min(mostMs, firstMs * 2 ** Math.min(attempt - 1, 10)) * (0.5 + random / 2))
