import { RefitError } from '../domain/errors'

const timeoutMs = 10_000
const maxBody = 4_096
const maxShown = 200

interface Post {
  /** of the target, for messages */
  name: string
  url: string
  body: string
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** POSTs JSON and returns when the target took it (2xx). Throws ALERT_REFUSED otherwise; redirects are refused. */
export async function post({ name, url, body, headers, signal }: Post): Promise<void> {
  const deadline = startDeadline(signal)
  try {
    const response = await send(name, () =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'refit', ...headers },
        body,
        // A redirect could carry the alert, and its signature, to somebody else.
        redirect: 'manual',
        signal: deadline.signal,
      }),
    )
    const said = await send(name, () => bounded(response))
    if (!response.ok) throw refusal(name, url, response, said)
  } finally {
    deadline.clear()
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

async function send<T>(name: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw refused(`${name} can't be reached (${reasonOf(error)}).`, 'It is tried again.', { retryable: true })
  }
}

function reasonOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string } }
  if (name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`
  if (name === 'AbortError') return 'stopped'
  return cause?.code ?? 'connection failed'
}

/** The first bytes of the answer; the rest of an endless one is not read. */
async function bounded(response: Response): Promise<string> {
  const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined
  if (!reader) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  while (size < maxBody) {
    const { done, value } = await reader.read()
    if (done) break
    chunks.push(value)
    size += value.byteLength
  }
  await reader.cancel().catch(() => undefined)
  return Buffer.concat(chunks).subarray(0, maxBody).toString('utf8')
}

function refusal(name: string, url: string, { status, headers }: Response, body: string): RefitError {
  if (status >= 300 && status < 400)
    return refused(
      `${name} answered with a redirect (${status}), which is not followed.`,
      'Write the final URL into refit.yaml.',
    )
  const said = withoutSecrets(body, url).replace(/\s+/g, ' ').trim().slice(0, maxShown)
  const message = `${name} answered ${status}${said ? `: ${said}` : ''}.`
  const again = { retryable: true, retryAfterMs: retryAfterMs(headers.get('retry-after')) }
  if (status === 429) return refused(message, 'It is tried again when the target allows.', again)
  if (status >= 500 || status === 408) return refused(message, 'It is tried again.', again)
  return refused(message, 'Check the URL of this target in refit.yaml.')
}

/** A target said no or didn't answer. Says who and why; never the URL, because whoever has it can post there. */
const refused = (message: string, next: string, options?: { retryable: boolean; retryAfterMs?: number }): RefitError =>
  new RefitError('ALERT_REFUSED', message, next, options)

/** Error pages like to repeat what was asked for. */
function withoutSecrets(body: string, url: string): string {
  const { pathname, search } = new URL(url)
  return [url, `${pathname}${search}`, pathname, search]
    .filter((secret) => secret.length > 1)
    .reduce((text, secret) => text.replaceAll(secret, '…'), body)
}

/** Seconds or an HTTP date, as milliseconds from now. */
function retryAfterMs(header: string | null): number | undefined {
  if (!header) return undefined
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now()
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined
}
