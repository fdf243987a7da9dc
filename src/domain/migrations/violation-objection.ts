import { type PlanRefusal, refused } from '../plan-objections'
import { wordList } from '../text'
import type { Tightening } from './tightening'

/** How many rows break a rule; null when that could not be counted. */
export interface Violation extends Pick<Tightening, 'kind' | 'table' | 'name' | 'columns'> {
  rows: number | null
  /** why it could not be counted */
  why?: string
}

/** `12 rows of transfer have no value in quoteId` */
export function violationWords({ kind, table, name, columns, rows }: Violation): string {
  const count = `${rows} ${rows === 1 ? 'row' : 'rows'} of ${table}`
  switch (kind) {
    case 'not-null':
      return `${count} ${rows === 1 ? 'has' : 'have'} no value in ${wordList(columns)}`
    case 'type':
      return `${count} ${rows === 1 ? 'has' : 'have'} a value in ${wordList(columns)} that does not fit its new type`
    case 'unique-index':
    case 'constraint':
      return `${count} ${rows === 1 ? 'breaks' : 'break'} ${name}${columns.length > 0 ? ` (${wordList(columns)})` : ''}`
  }
}

/** Why a file can't run on the rows that are there. What could not be counted a person may take upon them. */
export function violationObjection(
  path: string,
  violations: readonly Violation[],
  overrides: readonly string[] = [],
): PlanRefusal | undefined {
  const broken = violations.filter(({ rows }) => rows !== null && rows > 0)
  if (broken.length > 0)
    return refused(
      `${path} would fail: ${wordList(broken.map(violationWords))}`,
      'Correct these rows, with a backfill or by hand, then run refit scan.',
    )
  const [unknown] = violations.filter(({ rows }) => rows === null)
  if (!unknown || overrides.includes(path)) return undefined
  return refused(
    `nobody can tell whether rows of ${unknown.table} break ${unknown.name} of ${path}: ${unknown.why}`,
    `Count them yourself, then write overrides: [${path}] beside the migration in refit.yaml.`,
  )
}
