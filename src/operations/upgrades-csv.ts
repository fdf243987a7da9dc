import { csvLine } from '../domain/csv'
import type { Store, UpgradeFilter, UpgradeRow } from '../store/contracts'

/** As many as an auditor asks for; a spreadsheet takes about a million. */
const mostRows = 100_000
const rowsPerPart = 1_000

const columns: [string, (row: UpgradeRow) => string][] = [
  ['id', ({ id }) => id],
  ['namespace', ({ namespace }) => namespace],
  ['service', ({ service }) => service],
  ['from', ({ fromTag }) => fromTag],
  ['to', ({ toTag }) => toTag],
  ['digest', ({ toDigest }) => toDigest],
  ['plan', ({ planHash }) => planHash],
  ['phase', ({ phase }) => phase],
  ['outcome', ({ outcome }) => outcome ?? ''],
  ['held_reason', ({ heldReason }) => heldReason ?? ''],
  ['resolved_as', ({ resolvedAs }) => resolvedAs ?? ''],
  ['waiting_for', ({ waitingFor }) => waitingFor],
  ['message', ({ message }) => message],
  ['started_at', ({ startedAt }) => startedAt.toISOString()],
  ['ended_at', ({ endedAt }) => endedAt?.toISOString() ?? ''],
]

/** The upgrades as CSV, newest first, at most 100,000, part by part: nothing is held in memory. */
export async function* upgradesCsv(
  { store }: { store: Pick<Store, 'upgradePages'> },
  filter: UpgradeFilter,
): AsyncGenerator<string> {
  yield csvLine(columns.map(([name]) => name))
  let after: string | undefined
  for (let rows = 0; rows < mostRows;) {
    const part = await store.upgradePages.page(filter, { limit: rowsPerPart, after })
    if (part.rows.length > 0) yield part.rows.map((row) => csvLine(columns.map(([, of]) => of(row)))).join('')
    rows += part.rows.length
    if (part.next === null) return
    after = part.next
  }
}
