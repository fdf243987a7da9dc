import type { Document, LineCounter } from 'yaml'
import { isMap, isNode, isScalar } from 'yaml'
import type { z } from 'zod'
import { authKinds } from './registry'
import { unknownKeyWords } from './keys'
import { hasReference } from './references'
import { strategyProblems } from './strategy'

export interface Problem {
  path: (string | number)[]
  message: string
  /** the value must not be shown */
  secret?: boolean
}

/** zod's issues as problems of this file: one per unknown key, nothing twice. */
export const problemsOf = (issues: readonly z.core.$ZodIssue[], tree: unknown): Problem[] =>
  issues.flatMap((issue) => problemsOfIssue(issue, tree))

const missing = 'is missing'

function problemsOfIssue(issue: z.core.$ZodIssue, tree: unknown): Problem[] {
  const path = issue.path.filter((step): step is string | number => typeof step !== 'symbol')
  const value = at(tree, path)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key]))
  if (path.at(-1) === 'strategy' && issue.code === 'invalid_union')
    return strategyProblems(value).map((problem) => ({ ...problem, path: [...path, ...problem.path] }))
  const kinds = typeof path.at(-1) === 'number' ? kindsBy[words(path)] : undefined
  if (kinds && issue.code === 'invalid_union') return meantProblems(issue, tree, path, kinds)
  if (path[0] === 'registries' && path.at(-1) === 'auth' && issue.code === 'invalid_union')
    return authProblems(path, value, issue.message)
  if (value === undefined && issue.code !== 'custom') return [{ path, message: missing }]
  if (issue.code === 'invalid_union' && issue.path.at(-1) === 'kind' && value === undefined)
    return [{ path, message: missing }]
  // What stands in the place of a reference, or in a URL, may be a secret.
  const secret = path[2] === 'gitops' && (path[3] === 'token' || path[3] === 'repository')
  return [{ path, message: issue.message, ...(secret ? { secret } : {}) }]
}

/** What stands under auth may be a secret, so no value of it is shown. */
function authProblems(path: (string | number)[], value: unknown, message: string): Problem[] {
  const known: readonly string[] = authKinds
  const unknown = Object.keys(typeof value === 'object' && value !== null ? value : {})
    .filter((key) => !known.includes(key))
    .map((key) => unknownKey([...path, key]))
  return (unknown.length > 0 ? unknown : [{ path, message }]).map((problem) => ({ ...problem, secret: true }))
}

function unknownKey(path: (string | number)[]): Problem {
  return { path, message: unknownKeyWords(words(path.slice(0, -1)), String(path.at(-1))) }
}

const words = (path: (string | number)[]): string => path.filter((step) => typeof step === 'string').join('.')

/** The kinds that may stand in a list, by the keys that tell which was meant; in the order of the schema's union. */
const kindsBy: Readonly<Record<string, readonly (readonly string[])[]>> = {
  supported: [['release'], ['images', 'line']],
  'policies.health': [['http', 'port'], ['url'], ['prometheus', 'query'], ['job']],
}

/** Which of several kinds was meant shows in its keys. */
function meantProblems(
  issue: z.core.$ZodIssueInvalidUnion,
  tree: unknown,
  path: (string | number)[],
  kinds: readonly (readonly string[])[],
): Problem[] {
  const value = at(tree, path)
  const named = typeof value === 'object' && value !== null ? Object.keys(value) : []
  const meant = issue.errors[kinds.findIndex((keys) => keys.some((key) => named.includes(key)))] ?? []
  if (meant.length === 0) return [{ path, message: issue.message }]
  return meant.flatMap((each) => problemsOfIssue({ ...each, path: [...path, ...each.path] }, tree))
}

/** One line per problem, in the order of the file: path, what is wrong, what stands there, and where. */
export function describe(problems: Problem[], raw: unknown, document: Document, lines: LineCounter): string[] {
  const placed = problems.map((problem) => ({ problem, offset: offsetOf(document, problem.path) }))
  placed.sort((a, b) => (a.offset ?? 0) - (b.offset ?? 0))
  return placed.map(({ problem, offset }) => {
    const position = offset === undefined ? undefined : lines.linePos(offset)
    const place = position ? `${position.line}:${position.col} ` : ''
    return `${place}${pathText(problem.path)} ${problem.message}${shown(problem, raw)}`
  })
}

function shown({ path, secret, message }: Problem, raw: unknown): string {
  const value = at(raw, path)
  // What should have been a reference, or a URL, may be the secret itself.
  const isDelicate = secret || / (reference|URL)\b/.test(message)
  if (
    isDelicate ||
    !message.startsWith('must be') ||
    path[0] === 'alerts' ||
    path[0] === 'webhooks' ||
    hasReference(value)
  )
    return ''
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? `; it is ${JSON.stringify(value).slice(0, 80)}`
    : ''
}

/** `policies[0].windows[0].cron` */
function pathText(path: (string | number)[]): string {
  if (path.length === 0) return 'the file'
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('')
}

/** Where a path stands in the file: its key, its value, or for what is missing the object that lacks it. */
function offsetOf(document: Document, path: (string | number)[]): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const step = path[length - 1]
    const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === step) : undefined
    const node: unknown = pair
      ? pair.key
      : typeof step === 'number'
        ? document.getIn(path.slice(0, length), true)
        : undefined
    if (isNode(node) && node.range) return node.range[0]
  }
  return isNode(document.contents) && document.contents.range ? document.contents.range[0] : undefined
}

function at(tree: unknown, path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[step] : undefined,
    tree,
  )
}
