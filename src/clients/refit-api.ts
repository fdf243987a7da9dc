import { errorCodes, RefitError, type ErrorCode } from '../domain/errors'
import { tracing } from '../tracing'

/** The HTTP API of a Refit that runs elsewhere. */
export interface RefitApi {
  get(path: string): Promise<unknown>
  post(path: string, body: object, headers?: Record<string, string>): Promise<unknown>
}

export interface RefitServer {
  /** base URL */
  url: string
  token: string
}

/** The server answers within 35 s or not at all. */
const timeoutMs = 40_000
const longestAnswer = 16 * 1_048_576

/**
 * Speaks to a Refit server. Its errors are thrown as they were there, with their code; SERVER_UNAVAILABLE when it can't be
 * reached or answers as no Refit does. The token goes to that server only, and never in the clear over a network.
 */
export function createRefitApi({ url, token }: RefitServer): RefitApi {
  const base = baseOf(url)
  const ask = async (method: 'GET' | 'POST', path: string, body?: object, headers: Record<string, string> = {}) => {
    const response = await reach(base, async () => {
      const answer = await fetch(`${base}${path}`, {
        method,
        headers: {
          ...{ accept: 'application/json', authorization: `Bearer ${token}`, 'user-agent': 'refit' },
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...tracing().headers(),
          ...headers,
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        // A redirect could carry the token to somebody else.
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      })
      return { status: answer.status, ok: answer.ok, text: await bounded(answer) }
    })
    const said = parse(response.text)
    if (response.ok && said !== undefined) return said
    throw errorOf(base, response.status, said)
  }
  return { get: (path) => ask('GET', path), post: (path, body, headers) => ask('POST', path, body, headers) }
}

function baseOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username || parsed.search || parsed.hash)
    throw new RefitError(
      'USAGE',
      'The server must be an http or https URL without a name or a query.',
      'Write it like --server https://refit.example.org.',
    )
  if (parsed.protocol === 'http:' && !isThisMachine(parsed.hostname))
    throw new RefitError(
      'USAGE',
      `A token must not go to ${parsed.host} in the clear.`,
      'Use https, or a tunnel to 127.0.0.1 such as kubectl port-forward.',
    )
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`
}

const isThisMachine = (host: string): boolean => /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/.test(host)

async function reach<T>(base: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const { name, cause } = error as { name?: string; cause?: { code?: string } }
    const why =
      name === 'TimeoutError' ? `no answer within ${timeoutMs / 1_000} s` : (cause?.code ?? 'connection failed')
    throw unavailable(`${base} can't be reached (${why}).`)
  }
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > longestAnswer) return ''
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Problem details become the error that they were made of. */
function errorOf(base: string, status: number, said: unknown): RefitError {
  const { code, detail, next } = (said ?? {}) as Record<string, unknown>
  if (!isCode(code) || typeof detail !== 'string') return unavailable(`${base} answers ${status}, not as a Refit does.`)
  return new RefitError(code, detail, typeof next === 'string' ? next : 'Ask whoever runs that Refit.')
}

const isCode = (code: unknown): code is ErrorCode => errorCodes.some((each) => each === code)

const unavailable = (message: string): RefitError =>
  new RefitError(
    'SERVER_UNAVAILABLE',
    message,
    'Check --server or REFIT_SERVER, and that a refit server listens there.',
  )
