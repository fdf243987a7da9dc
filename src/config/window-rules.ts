import { rruleProblem } from '../domain/window-rule'
import type { Problem } from './problems'
import { items } from './tree'

/** What a recurrence rule and its first start must be together. */
export function windowProblems(tree: unknown): Problem[] {
  return items(tree, 'policies').flatMap((policy, index) =>
    items(policy, 'windows').flatMap(({ rrule, from }, position): Problem[] => {
      if (typeof rrule !== 'string' || typeof from !== 'string' || !isLocalTime(from)) return []
      const problem = rruleProblem(rrule, from)
      if (problem === undefined) return []
      const message = `must be a recurrence rule, such as "FREQ=MONTHLY;BYDAY=2SA": ${problem}`
      return [{ path: ['policies', index, 'windows', position, 'rrule'], message }]
    }),
  )
}

const isLocalTime = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}Z`))
