import { Agent, request } from 'undici'
import { RefitError } from '../domain/errors'
import { checkLiteral, ForbiddenAddress, guardedLookup, type Reach } from './registry/address'

const timeoutMs = 10_000
const maxBody = 65_536
const maxShown = 200

export interface Post {
  /** of the target, for messages */
  name: string
  url: string
  body: string
  headers?: Record<string, string>
  /** it may be in a private network or on this machine */
  allowPrivate: boolean
  signal?: AbortSignal
}

/** Never link-local ones: the cloud keeps its machines' credentials there. */
export const reachesOf = (allowPrivate: boolean): ReadonlySet<Reach> =>
  new Set<Reach>(allowPrivate ? ['public', 'private', 'loopback'] : ['public'])

const agentFor = (allowPrivate: boolean): Agent =>
  new Agent({
    connect: { lookup: guardedLookup(reachesOf(allowPrivate)), timeout: timeoutMs },
    // Alerts are rare, and a receiver that restarts drops what is idle.
    keepAliveTimeout: 1_000,
    keepAliveMaxTimeout: 1_000,
  })
const agents = { near: agentFor(true), far: agentFor(false) }

export interface Answer {
  status: number
  retryAfter: string | undefined
  /** its first 64 KiB */
  body: string
}

/**
 * POSTs JSON and returns the answer of a target that took it (2xx). Throws ALERT_REFUSED otherwise; redirects and, unless
 * it may be private, addresses that aren't public are refused.
 */
export async function post(asked: Post): Promise<Answer> {
  const { name, url } = asked
  const deadline = startDeadline(asked.signal)
  try {
    const answer = await send(asked, deadline.signal)
    if (answer.status < 200 || answer.status >= 300) throw refusal(name, url, answer)
    return answer
  } finally {
    deadline.clear()
  }
}

async function send({ name, url, body, headers, allowPrivate }: Post, signal: AbortSignal): Promise<Answer> {
  try {
    checkLiteral(new URL(url).hostname, reachesOf(allowPrivate))
    // Follows no redirect: it could carry the alert, and its signature, to somebody else.
    const response = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'refit', ...headers },
      body,
      dispatcher: allowPrivate ? agents.near : agents.far,
      signal,
    })
    const { 'retry-after': retryAfter } = response.headers
    return {
      status: response.statusCode,
      retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
      body: await bounded(response.body),
    }
  } catch (error) {
    throw unreachable(name, signal.aborted ? signal.reason : error)
  }
}

/** Aborts after the time limit or with `stop`. Not AbortSignal.any: Node 20 may collect its timeout, which then never comes. */
function startDeadline(stop: AbortSignal | undefined): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  const timer = setTimeout(() => controller.abort(new DOMException('too late', 'TimeoutError')), timeoutMs)
  if (stop?.aborted) abort()
  stop?.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer)
      stop?.removeEventListener('abort', abort)
    },
  }
}

/** What came in the way of an answer, as ALERT_REFUSED. */
export function unreachable(name: string, error: unknown): RefitError {
  const forbidden = forbiddenIn(error)
  if (forbidden)
    return refused(
      `${name} is not asked, because ${forbidden.message}.`,
      forbidden.reach === 'link-local'
        ? 'Write another address into refit.yaml.'
        : 'If it is meant to be there, write allowPrivate: true beside it in refit.yaml.',
    )
  return refused(`${name} can't be reached (${reasonOf(error)}).`, 'It is tried again.', { retryable: true })
}

const forbiddenIn = (error: unknown): ForbiddenAddress | undefined =>
  [error, (error as { cause?: unknown } | undefined)?.cause].find((each) => each instanceof ForbiddenAddress)

function reasonOf(error: unknown): string {
  const { name, code } = error as { name?: string; code?: unknown }
  if (name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`
  if (name === 'AbortError') return 'stopped'
  return typeof code === 'string' ? code : 'connection failed'
}

/** The first bytes of the answer; the rest of an endless one is not read. */
async function bounded(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size >= maxBody) break
  }
  return Buffer.concat(chunks).subarray(0, maxBody).toString('utf8')
}

function refusal(name: string, url: string, { status, retryAfter, body }: Answer): RefitError {
  if (status >= 300 && status < 400)
    return refused(
      `${name} answered with a redirect (${status}), which is not followed.`,
      'Write the final URL into refit.yaml.',
    )
  const said = shown(withoutSecrets(body, url))
  const message = `${name} answered ${status}${said ? `: ${said}` : ''}.`
  const again = { retryable: true, retryAfterMs: retryAfterMs(retryAfter) }
  if (status === 429) return refused(message, 'It is tried again when the target allows.', again)
  if (status >= 500 || status === 408) return refused(message, 'It is tried again.', again)
  return refused(message, 'Check this target in refit.yaml.')
}

/** What a target said, on one line and bounded. */
export const shown = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, maxShown)

/** A target said no or didn't answer. Says who and why; never the URL, because whoever has it can post there. */
export const refused = (
  message: string,
  next: string,
  options?: { retryable: boolean; retryAfterMs?: number },
): RefitError => new RefitError('ALERT_REFUSED', message, next, options)

/** Error pages like to repeat what was asked for. */
function withoutSecrets(body: string, url: string): string {
  const { pathname, search } = new URL(url)
  return [url, `${pathname}${search}`, pathname, search]
    .filter((secret) => secret.length > 1)
    .reduce((text, secret) => text.replaceAll(secret, '…'), body)
}

/** Seconds or an HTTP date, as milliseconds from now. */
export function retryAfterMs(header: string | undefined): number | undefined {
  if (!header) return undefined
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now()
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined
}
