import { boundary, change, type Keyed, proofOf } from '../domain/migrations/backfill-sql'

/** Asks about every statement of a backfill, with keys that are null: their types are right, and nothing is looked up. */
export async function checkStatements(keyed: Keyed, ask: (text: string) => Promise<unknown>): Promise<void> {
  const nulls = keyed.columns.map(() => null)
  for (const text of [
    boundary(keyed, nulls, 1_000),
    change(keyed, { after: nulls, upto: nulls }),
    proofOf(keyed.dialect, keyed.backfill),
  ])
    await ask(text)
}
