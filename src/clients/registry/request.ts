import { RefitError } from '../../domain/errors'

const timeoutMs = 10_000
const maxBodyBytes = 8 * 1024 * 1024

export interface Requests {
  /** Headers and whole body of a 200; throws REGISTRY_* for everything else. */
  get(url: URL, repository: string, accept: string): Promise<{ headers: Headers; body: Buffer }>
  head(url: URL, repository: string, accept: string): Promise<Headers | 'absent' | 'not allowed'>
}

/** Requests of one call, which `signal` ends; its reason is then thrown as it is. */
export function createRequests(signal: AbortSignal | undefined): Requests {
  return {
    get: (url, repository, accept) =>
      within(signal, repository, url, async (limit) => {
        const response = await fetch(url, { redirect: 'manual', signal: limit, headers: { accept } })
        const body = await bodyOf(response, repository)
        if (response.status !== 200) throw failureOf(response, repository, url)
        return { headers: response.headers, body }
      }),
    head: (url, repository, accept) =>
      within(signal, repository, url, async (limit) => {
        const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: limit, headers: { accept } })
        if (response.status === 404) return 'absent' as const
        if (response.status === 405) return 'not allowed' as const
        if (response.status !== 200) throw failureOf(response, repository, url)
        return response.headers
      }),
  }
}

async function within<T>(
  signal: AbortSignal | undefined,
  repository: string,
  url: URL,
  ask: (limit: AbortSignal) => Promise<T>,
) {
  signal?.throwIfAborted()
  const deadline = AbortSignal.timeout(timeoutMs)
  try {
    return await ask(signal ? AbortSignal.any([signal, deadline]) : deadline)
  } catch (error) {
    if (error instanceof RefitError) throw error
    signal?.throwIfAborted()
    const why = deadline.aborted ? `it did not answer within ${timeoutMs / 1_000} s` : networkReason(error)
    throw new RefitError('REGISTRY_UNAVAILABLE', `${url.host} can't be read for ${repository}: ${why}.`, undefined, {
      cause: error,
    })
  }
}

/** `fetch failed` says nothing; the reason is in its cause. */
function networkReason(error: unknown): string {
  const { cause = error } = error as { cause?: unknown }
  const { code, message } = cause as { code?: string; message?: string }
  return code ?? (message || 'the connection failed')
}

async function bodyOf(response: Response, repository: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > maxBodyBytes) throw badAnswer(repository, `it answered with more than ${maxBodyBytes / 1_048_576} MiB`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function failureOf(response: Response, repository: string, url: URL): RefitError {
  const { status } = response
  const seen = `${url.host} answered ${status} for ${repository}`
  if (status === 404)
    return new RefitError('REGISTRY_NOT_FOUND', `${url.host} has no ${repository}.`, 'Check its name.')
  if (status === 401 || status === 403)
    return new RefitError(
      'REGISTRY_REFUSED',
      `${seen}: it wants credentials.`,
      'Reading with credentials comes with a later version; let the repository be read anonymously.',
    )
  if (status === 429 || status >= 500) {
    const wait = response.headers.get('retry-after')
    const asked = wait && /^[\w ,:+-]{1,40}$/.test(wait) ? `, and asks to wait (Retry-After: ${wait})` : ''
    return new RefitError('REGISTRY_UNAVAILABLE', `${seen}${asked}.`, undefined, {
      // Becomes the delay before the activity's next attempt (src/activities/failures.ts).
      ...(/^\d{1,3}$/.test(wait ?? '') ? { retryAfterMs: Number(wait) * 1_000 } : {}),
    })
  }
  if (status >= 300 && status < 400) return badAnswer(repository, `it redirects (${status}), which is not followed`)
  return badAnswer(repository, `it answered ${status}`)
}

/** REGISTRY_BAD_ANSWER; shows the beginning of what was seen, so that a proxy's login page is recognised. */
export function badAnswer(repository: string, what: string, seen?: Buffer): RefitError {
  const start = seen
    ?.toString('utf8')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 80)
  return new RefitError(
    'REGISTRY_BAD_ANSWER',
    `The registry's answer for ${repository} can't be used: ${what}${start ? ` (seen: ${start})` : ''}.`,
    'Check what answers under the name of this registry.',
  )
}
