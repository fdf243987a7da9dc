import type { HealthCheck } from './policy'

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
  const said = textAt(body, '$.status')
  if (answer.status < 200 || answer.status > 299)
    return { kind: 'bad', sentence: `${http} answers ${answer.status}${said ? ` (${said}${downParts(body)})` : ''}` }
  if (expect.status !== undefined && said !== expect.status)
    return { kind: 'bad', sentence: `${http} says status ${said ?? 'nothing'}${downParts(body)}, expected ${expect.status}` }
  if (expect.version !== undefined) {
    const version = textAt(body, expect.version)
    const wanted = tag.replace(/^v/, '')
    if (version?.replace(/^v/, '') !== wanted) return { kind: 'bad', sentence: `${http} says version ${version ?? 'nothing'}, expected ${wanted}` }
  }
  return { kind: 'ok', sentence: `${http} answers ${answer.status}` }
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
    .reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined), value)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined
}

/** Mojaloop's health names its parts: which of them are down belongs in the sentence. */
function downParts(body: unknown): string {
  const services = (body as { services?: unknown } | undefined)?.services
  if (!Array.isArray(services)) return ''
  const down = services.filter((each: { status?: unknown }) => each?.status === 'DOWN').map((each: { name?: unknown }) => String(each?.name))
  return down.length > 0 ? `: ${down.join(', ').slice(0, 200)} down` : ''
}
