import { z } from 'zod'
import { filterProblem } from '../domain/tag-filter'
import { unknownKeyWords } from './keys'
import { object, oneOf, semverRange, text } from './values'

const strategyAllowed =
  'must be patch, bugfix, minor, major, digest, release, { range: "^17" } or { filter, extract, order }'
const orders = ['semver', 'numerical', 'calver', 'alphabetical'] as const
const filter = object({
  filter: text('must be a regular expression of RE2').describe('RE2 syntax'),
  extract: text('must name groups of the filter, such as $ts or $1')
    .optional()
    .describe('what is compared, such as $ts or $1; the whole match when absent'),
  order: oneOf(orders),
})

/** Which tags a policy allows: a word, a range, or a filter of one's own. */
export const strategy = z.union(
  [z.enum(['patch', 'bugfix', 'minor', 'major', 'digest', 'release']), object({ range: semverRange }), filter],
  { error: strategyAllowed },
)

/** Of a strategy; the path starts below it. */
interface StrategyProblem {
  path: string[]
  message: string
}

/** What is wrong with a strategy that the schema refuses: it only says that no kind fits, and keys tell which was meant. */
export function strategyProblems(value: unknown): StrategyProblem[] {
  if (typeof value !== 'object' || value === null) return [{ path: [], message: strategyAllowed }]
  const keys = Object.keys(value)
  const isFilter = keys.some((key) => filterKeys.includes(key))
  if (isFilter && 'range' in value)
    return [{ path: [], message: 'has both a range and a filter; with a filter, order: semver compares versions' }]
  const known = isFilter ? filterKeys : ['range']
  const unknown = keys.filter((key) => !known.includes(key))
  if (unknown.length > 0)
    return unknown.map((key) => ({ path: [key], message: unknownKeyWords('policies.strategy', key) }))
  if (!isFilter) return [{ path: ['range'], message: 'must be a semver range, such as "^17" or ">=15.1 <16"' }]
  return filterKeys.flatMap((key) => filterKeyProblem(key, (value as Record<string, unknown>)[key]))
}

const filterKeys: readonly string[] = ['filter', 'extract', 'order']

function filterKeyProblem(key: string, value: unknown): StrategyProblem[] {
  const path = [key]
  if (value === undefined) return key === 'extract' ? [] : [{ path, message: 'is missing' }]
  if (key === 'order')
    return orders.some((order) => order === value)
      ? []
      : [{ path, message: 'must be semver, numerical, calver or alphabetical' }]
  return typeof value === 'string' && value.trim() !== '' ? [] : [{ path, message: 'must be a non-empty text' }]
}

/** A filter that nobody can read would match nothing, silently. */
export function filterProblems(value: unknown): StrategyProblem[] {
  if (typeof value !== 'object' || value === null) return []
  const { filter, extract } = value as { filter?: unknown; extract?: unknown }
  if (typeof filter !== 'string' || filter.trim() === '' || (extract !== undefined && typeof extract !== 'string'))
    return []
  const wrong = filterProblem({ filter, ...(extract === undefined ? {} : { extract }) })
  return wrong ? [{ path: [wrong.key], message: wrong.problem }] : []
}
