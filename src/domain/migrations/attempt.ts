import type { MigrationPhase } from '../migration'

/** What is known of a file that was started outside of a transaction, and of which nobody knows how it ended. */
export interface AttemptFacts {
  phase: MigrationPhase
  /** the schema's fingerprint now */
  now: string
  /** just before it started, and before it at the rehearsal where there was one */
  before: readonly string[]
  /** after it at the rehearsal; undefined without one, or when the file is another one now */
  after?: string | undefined
  /** rows may have been changed for good */
  wrote: boolean
  /** the file may change rows */
  mayWriteRows: boolean
  /** the file says that it can be run again from wherever it stopped */
  isRepeatable: boolean
}

export type AttemptVerdict = 'again' | 'applied' | 'dirty'

/**
 * What to do with it: the fingerprint decides, as far as it can. Rows are not in it, so what may have changed some is only
 * taken as undone or as done where that can't be wrong; a backfill is made to be run again.
 */
export function judgeAttempt(facts: AttemptFacts): AttemptVerdict {
  const { now, before, after, wrote } = facts
  const isBackfill = facts.phase === 'backfill'
  if (facts.isRepeatable) return 'again'
  if (before.includes(now)) return wrote && !isBackfill ? 'dirty' : 'again'
  if (now !== after) return 'dirty'
  return facts.mayWriteRows ? 'dirty' : 'applied'
}
