import { urlIn } from '../clients/database-url'
import { lookAtBackfill } from '../clients/backfill-look'
import { readBackfillFile } from '../config/backfill-file'
import { filesByKind } from '../domain/data-plan'
import { sentenceOf } from '../domain/errors'
import type { Plan } from '../domain/plan'

/** How far a declared backfill is. */
export interface BackfillStanding {
  file: string
  table?: string
  state: 'not begun' | 'running' | 'stopped' | 'done' | 'unknown'
  pass?: number
  /** rows looked at in this pass */
  scanned?: number
  /** rows changed in all passes */
  changed?: number
  /** the table's rows by the planner's statistics */
  estimatedTotal?: number
  /** a session works on it now */
  isLeased?: boolean
  /** why it is unknown */
  because?: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads the checkpoint of each declared backfill in its own database; what can't be read is said, and no error. */
export async function standingOf(plan: Plan, environment: Environment): Promise<BackfillStanding[]> {
  const standings: BackfillStanding[] = []
  for (const migration of plan.migrations) {
    if (migration.kind !== 'knex') continue
    const { directory, database } = migration
    for (const { name } of filesByKind(migration, 'backfill').declared)
      standings.push(await standing(directory, name, { database, url: urlIn(environment, database) }))
  }
  return standings
}

async function standing(
  directory: string,
  name: string,
  { database, url }: { database: string; url: string | undefined },
): Promise<BackfillStanding> {
  const file = `${directory}/backfill/${name}`
  if (!url) return { file, state: 'unknown', because: `$${database} is not set here` }
  try {
    const backfill = await readBackfillFile(directory, name)
    const { table, checkpoint, estimatedTotal, isLeased } = await lookAtBackfill({ url, backfill })
    const { state = 'not begun', pass, scanned, changed } = checkpoint ?? {}
    return {
      ...{ file, table, state, isLeased },
      ...(pass === undefined ? {} : { pass, scanned, changed }),
      ...(estimatedTotal === undefined ? {} : { estimatedTotal }),
    }
  } catch (error) {
    return { file, state: 'unknown', because: sentenceOf(error) }
  }
}

/** One line for people. */
export function standingWords({
  file,
  state,
  pass,
  scanned,
  changed,
  estimatedTotal,
  because,
}: BackfillStanding): string {
  if (state === 'unknown') return `${file}: unknown, ${because}`
  if (pass === undefined) return `${file}: ${state}`
  const share =
    state !== 'done' && pass === 1 && estimatedTotal && scanned !== undefined && scanned < estimatedTotal
      ? `, about ${Math.floor((scanned / estimatedTotal) * 100)} % (estimate)`
      : ''
  return `${file}: ${state}, pass ${pass}, ${scanned} rows seen, ${changed} changed${share}`
}
