import { checkName, type HealthExpectation, type HttpCheck, type JsonScalar, type UrlCheck } from './health-check'
import { valueAt } from './json-path'
import { clean } from './text'
import { parseVersion } from './version'

/** `ms`: how long it took. */
export type Answer = { status: number; body: string; ms?: number } | { error: string }

export interface HealthVerdict {
  /** `unknown` when it could not be asked: that is never a failure (law 7); `waiting` when it is too early to tell */
  kind: 'ok' | 'bad' | 'unknown' | 'waiting'
  sentence: string
}

/** Judges one answer. `tag` is the version that should run; `$.versionNumber` is compared without the leading v. */
export function judgeHealth(check: HttpCheck | UrlCheck, tag: string, answer: Answer): HealthVerdict {
  const name = 'http' in check ? check.http : checkName(check)
  if ('error' in answer) return { kind: 'unknown', sentence: `${name} can't be read: ${answer.error}` }
  const body = jsonOf(answer.body)
  // The API server's own answer, not the pod's: it could not reach the pod, or Refit may not ask.
  if ('http' in check && textAt(body, '$.kind') === 'Status' && textAt(body, '$.apiVersion') === 'v1')
    return {
      kind: 'unknown',
      sentence: `${name} can't be read: ${clean(textAt(body, '$.message') ?? String(answer.status), 100)}`,
    }
  const fault = faultIn({ ...answer, json: body }, check.expect, tag)
  return fault === undefined
    ? { kind: 'ok', sentence: `${name} answers ${answer.status}` }
    : { kind: 'bad', sentence: `${name} ${fault}` }
}

interface Read {
  status: number
  json: unknown
  ms?: number
}

/** What isn't as expected, as the end of a sentence. */
function faultIn({ status, json, ms }: Read, expect: HealthExpectation, tag: string): string | undefined {
  const said = textAt(json, '$.status')
  if (!(expect.code?.includes(status) ?? (status >= 200 && status <= 299)))
    return `answers ${status}${said ? ` (${said}${downParts(json)})` : ''}`
  if (expect.status !== undefined && said !== expect.status)
    return `says status ${said ?? 'nothing'}${downParts(json)}, expected ${expect.status}`
  if (expect.version !== undefined) {
    const version = textAt(json, expect.version)
    const wanted = namesOf(tag)
    if (version === undefined || !wanted.includes(version.replace(/^v/, '')))
      return `says version ${version ?? 'nothing'}, expected ${wanted[0]}`
  }
  for (const [path, wanted] of Object.entries(expect.json ?? {})) {
    const found = valueAt(json, path)
    if (found !== wanted) return `says ${path} is ${shown(found)}, expected ${shown(wanted)}`
  }
  if (expect.latencyMs !== undefined && ms !== undefined && ms > expect.latencyMs)
    return `took ${Math.round(ms)} ms, at most ${expect.latencyMs} ms`
  return undefined
}

const isScalar = (value: unknown): value is JsonScalar =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

const shown = (value: unknown): string =>
  value === undefined ? 'nothing' : isScalar(value) ? clean(JSON.stringify(value), 100) : 'no plain value'

/** How a service may call the version that a tag names: without the v, and without a flavour that only the image has. */
function namesOf(tag: string): string[] {
  const bare = tag.replace(/^v/, '')
  const suffix = parseVersion(tag)?.suffix
  return suffix ? [bare, bare.slice(0, -suffix.length - 1)] : [bare]
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function textAt(value: unknown, path: string): string | undefined {
  const found = valueAt(value, path)
  return typeof found === 'string' || typeof found === 'number' ? clean(String(found), 100) : undefined
}

/** Mojaloop's health names its parts: which of them are down belongs in the sentence. */
function downParts(body: unknown): string {
  const services = (body as { services?: unknown } | undefined)?.services
  if (!Array.isArray(services)) return ''
  const down = services
    .filter((each: { status?: unknown }) => each?.status === 'DOWN')
    .map((each: { name?: unknown }) => String(each?.name))
  return down.length > 0 ? `: ${clean(down.join(', '), 200)} down` : ''
}
