import type { HealthCheck } from './policy'
import { clean } from './text'
import { parseVersion } from './version'

export type Answer = { status: number; body: string } | { error: string }

export interface HealthVerdict {
  /** `unknown` when the pod could not be asked: that is never a failure (law 7) */
  kind: 'ok' | 'bad' | 'unknown'
  sentence: string
}

/** Judges one answer of one pod. `tag` is the version that should run; `$.versionNumber` is compared without the leading v. */
export function judgeHealth({ http, expect }: HealthCheck, tag: string, answer: Answer): HealthVerdict {
  if ('error' in answer) return { kind: 'unknown', sentence: `${http} can't be read: ${answer.error}` }
  const body = jsonOf(answer.body)
  // The API server's own answer, not the pod's: it could not reach the pod, or Refit may not ask.
  if (textAt(body, '$.kind') === 'Status' && textAt(body, '$.apiVersion') === 'v1')
    return {
      kind: 'unknown',
      sentence: `${http} can't be read: ${clean(textAt(body, '$.message') ?? String(answer.status), 100)}`,
    }
  const said = textAt(body, '$.status')
  if (answer.status < 200 || answer.status > 299)
    return { kind: 'bad', sentence: `${http} answers ${answer.status}${said ? ` (${said}${downParts(body)})` : ''}` }
  if (expect.status !== undefined && said !== expect.status)
    return {
      kind: 'bad',
      sentence: `${http} says status ${said ?? 'nothing'}${downParts(body)}, expected ${expect.status}`,
    }
  if (expect.version !== undefined) {
    const version = textAt(body, expect.version)
    const wanted = namesOf(tag)
    if (version === undefined || !wanted.includes(version.replace(/^v/, '')))
      return { kind: 'bad', sentence: `${http} says version ${version ?? 'nothing'}, expected ${wanted[0]}` }
  }
  return { kind: 'ok', sentence: `${http} answers ${answer.status}` }
}

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

/** `$.a.b` of a JSON value, as text. */
function textAt(value: unknown, path: string): string | undefined {
  const found = path
    .replace(/^\$\.?/, '')
    .split('.')
    .filter(Boolean)
    .reduce<unknown>(
      (at, key) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, key)
          ? (at as Record<string, unknown>)[key]
          : undefined,
      value,
    )
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

/** Bad answers in a row, by pod; plain JSON. */
export type HealthTally = Record<string, number>

export interface HealthSample {
  pod: string
  verdict: HealthVerdict
}

const badInARow = 2

/**
 * Counts one round of answers. One bad answer may be a hiccup; two rounds in a row from the same pod are a failure, whatever
 * the other pods say. What can't be read changes no count, so it neither fails a pod nor clears it; pods that are gone are forgotten.
 */
export function tallyHealth(
  before: HealthTally,
  samples: readonly HealthSample[],
): { tally: HealthTally; failed?: string; blind?: string } {
  const tally: HealthTally = {}
  let failed: string | undefined
  let blind: string | undefined
  for (const pod of new Set(samples.map((sample) => sample.pod))) {
    const verdicts = samples.filter((sample) => sample.pod === pod).map(({ verdict }) => verdict)
    const bad = verdicts.find(({ kind }) => kind === 'bad')
    const unread = verdicts.find(({ kind }) => kind === 'unknown')
    tally[pod] = bad ? (before[pod] ?? 0) + 1 : unread ? (before[pod] ?? 0) : 0
    if (bad && tally[pod] >= badInARow) failed ??= `${pod}: ${bad.sentence}`
    if (unread) blind ??= `${pod}: ${unread.sentence}`
  }
  return { tally, ...(failed === undefined ? {} : { failed }), ...(blind === undefined ? {} : { blind }) }
}
