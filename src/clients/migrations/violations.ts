import type { Client } from 'pg'
import type { Tightening } from '../../domain/migrations/tightening'
import type { Violation } from '../../domain/migrations/violation-objection'
import { databaseError } from '../../store/guard'
import { violationQuery } from './violation-query'
import { readOnly } from './read-only'

export type { Violation }

const defaultTimeoutMs = 30_000

/**
 * How many rows of a PostgreSQL database break rules that a migration is going to add. Reads only, and for each rule no
 * longer than the time limit. Rules that no row breaks are left out; one that can't be counted says why. Throws
 * DATABASE_UNAVAILABLE.
 */
export async function countViolations({
  url,
  changes,
  timeoutMs = defaultTimeoutMs,
}: {
  url: string
  changes: readonly Tightening[]
  timeoutMs?: number
}): Promise<Violation[]> {
  if (changes.length === 0) return []
  return readOnly(url, timeoutMs, async (client) => {
    const found: Violation[] = []
    for (const change of changes) found.push(await count(client, change, timeoutMs))
    return found.filter(({ rows }) => rows !== 0)
  })
}

async function count(client: Client, change: Tightening, timeoutMs: number): Promise<Violation> {
  const { kind, table, name, columns } = change
  const rule = { kind, table, name, columns }
  const query = await violationQuery(client, change)
  if (query === undefined) return { ...rule, rows: null, why: 'no query is known for it' }
  try {
    const { rows } = await client.query<{ rows: string }>(query)
    return { ...rule, rows: Number(rows[0]?.rows ?? 0) }
  } catch (error) {
    const known = databaseError(error, 'the database of the migration')
    const { code = '' } = error as { code?: string }
    if (code === '57014') return { ...rule, rows: null, why: `counting took longer than ${timeoutMs / 1_000} s` }
    // The table or the column is there only once an earlier file has run.
    if (/^42(P01|703|883)$/.test(code)) return { ...rule, rows: null, why: 'it needs what an earlier file makes' }
    if (/^(22|25|42)/.test(code)) return { ...rule, rows: null, why: `the count failed (${code})` }
    throw known
  }
}
