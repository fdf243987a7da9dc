/** refit.yaml as people read it. */
import { durationWords } from '../../../src/domain/text'

type Tree = Readonly<Record<string, unknown>>
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

/** As YAML; durations, which are kept in milliseconds, in words. */
export function yamlOf(value: unknown, depth = 0): string {
  const pad = '  '.repeat(depth)
  if (Array.isArray(value)) {
    if (value.length === 0) return `${pad}[]`
    return value.map((each) => `${pad}- ${yamlOf(each, depth + 1).trimStart()}`).join('\n')
  }
  if (!isTree(value)) return `${pad}${scalar(value)}`
  const lines = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([key, each]) => {
      if (typeof each === 'number' && key.endsWith('Ms')) return `${pad}${key.slice(0, -2)}: ${durationWords(each)}`
      const isNested = (Array.isArray(each) && each.length > 0) || (isTree(each) && Object.keys(each).length > 0)
      return isNested ? `${pad}${key}:\n${yamlOf(each, depth + 1)}` : `${pad}${key}: ${empty(each)}`
    })
  return lines.join('\n')
}

const empty = (value: unknown): string => (Array.isArray(value) ? '[]' : isTree(value) ? '{}' : scalar(value))
const scalar = (value: unknown): string =>
  typeof value === 'string'
    ? /^[\w./${}-][\w ./:${}@-]*$/.test(value) && !value.includes(': ')
      ? value
      : JSON.stringify(value)
    : JSON.stringify(value)

export interface PolicyShown {
  name: string
  mode: string
  facts: [string, string][]
}

/** What an operator wants to know of each policy first. */
export function policiesOf(data: unknown): PolicyShown[] {
  const policies: unknown[] = isTree(data) && Array.isArray(data.policies) ? data.policies : []
  return policies.filter(isTree).map((policy) => {
    const select = isTree(policy.select) ? policy.select : {}
    const approval = isTree(policy.approval) ? policy.approval : {}
    const windows: unknown[] = Array.isArray(policy.windows) ? policy.windows : []
    const facts: [string, string][] = [
      ['namespaces', list(select.namespaces)],
      ['images', list(select.images)],
      ['strategy', words(policy.strategy)],
    ]
    if (typeof policy.minimumAgeMs === 'number' && policy.minimumAgeMs > 0)
      facts.push(['minimum age', durationWords(policy.minimumAgeMs)])
    if (policy.mode !== 'watch') {
      const required = typeof approval.required === 'number' ? approval.required : 0
      const groups = Array.isArray(approval.groups) && approval.groups.length > 0 ? ` of ${list(approval.groups)}` : ''
      facts.push([
        'approval',
        required === 0 ? 'nobody is asked' : `${required} ${required === 1 ? 'person' : 'people'}${groups}`,
      ])
      facts.push(['windows', windows.length === 0 ? 'at any time' : windows.filter(isTree).map(windowOf).join('; ')])
    }
    return { name: words(policy.name), mode: words(policy.mode), facts }
  })
}

const windowOf = ({ cron, rrule, durationMs, timeZone }: Tree): string =>
  `${words(cron ?? rrule)}${typeof durationMs === 'number' ? ` for ${durationWords(durationMs)}` : ''} (${words(timeZone)})`
const list = (value: unknown): string =>
  Array.isArray(value) && value.length > 0 ? value.map(words).join(', ') : 'all'
const words = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '–' : JSON.stringify(value)
