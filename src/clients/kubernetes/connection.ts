import { createHash } from 'node:crypto'
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { RefitError } from '../../domain/errors'
import { tryAgain } from './errors'

export interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** below the server, encoded: `/api/v1/namespaces/hub/pods` */
  path: string
  query?: Record<string, string | number | undefined>
  body?: unknown
  contentType?: string
  timeoutMs?: number
  /** a longer body is an error, or cut to its start or end */
  limit?: { bytes: number; keep: 'all' | 'start' | 'end' }
  signal?: AbortSignal
  /** for error texts: `list deployments in hub` */
  doing: string
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface Lines {
  /** the server has begun to answer with 2xx */
  opened(): void
  line(text: string): void
}

export interface Connection {
  /** Any answer, whatever its status. Throws KUBERNETES_UNAVAILABLE, or the signal's reason. */
  send(call: Call): Promise<Answer>
  /**
   * Hands over each line of an answer as it comes; resolves when the server ends it. An answer that isn't 2xx comes back
   * whole, without lines. Throws KUBERNETES_UNAVAILABLE, or the signal's reason.
   */
  lines(call: Call, take: Lines): Promise<Answer | undefined>
  close(): void
}

const defaultTimeoutMs = 10_000
/** Requests that wait for their answer at the same time. */
const atOnce = 32
/** etcd takes no object above 1.5 MiB. */
const longestLine = 8 * 1024 * 1024
const defaultLimit = { bytes: 64 * 1024 * 1024, keep: 'all' } as const

/**
 * Requests with the kubeconfig's credentials. The library's own client makes a new TLS connection for each request, has
 * no time limit and reads bodies of any size, so only its credentials are used.
 */
export function connect(config: KubeConfig, server: string): Connection {
  const agents = new Map<string, http.Agent>()
  const running = new Set<AbortController>()
  let isClosed = false
  const within = async <T>(
    call: Call,
    connections: number,
    use: (url: URL, options: https.RequestOptions) => Promise<T>,
  ): Promise<T> => {
    call.signal?.throwIfAborted()
    // Not AbortSignal.any: Node 20 never forgets what was derived from a signal that lives as long as the process.
    const ending = new AbortController()
    const end = () => ending.abort()
    running.add(ending)
    call.signal?.addEventListener('abort', end)
    let isLate = false
    const deadline = setTimeout(() => {
      isLate = true
      end()
    }, call.timeoutMs ?? defaultTimeoutMs)
    try {
      if (isClosed) throw new Error('the client was closed')
      const credentials = await credentialsOf(config)
      const agent = config.getCurrentCluster()?.proxyUrl
        ? credentials.agent
        : keepAliveAgent(agents, server, credentials, connections)
      const headers = { ...(credentials.headers as Record<string, string>), ...headersOf(call) }
      const options = { method: call.method, agent, auth: credentials.auth, headers, signal: ending.signal }
      return await use(urlOf(server, call), options)
    } catch (error) {
      if (error instanceof RefitError) throw error
      call.signal?.throwIfAborted()
      const why = isLate ? 'no answer in time' : isClosed ? 'the client was closed' : reasonOf(error)
      const host = new URL(server).host
      throw new RefitError(
        'KUBERNETES_UNAVAILABLE',
        `Kubernetes can't be reached at ${host} to ${call.doing}: ${why}.`,
        tryAgain,
      )
    } finally {
      clearTimeout(deadline)
      call.signal?.removeEventListener('abort', end)
      running.delete(ending)
    }
  }
  return {
    send: (call) => within(call, atOnce, (url, options) => exchange(url, options, call)),
    // Each keeps a connection for itself, and must not take it from what is asked meanwhile.
    lines: (call, take) => within(call, Infinity, (url, options) => readLines(url, options, call, take)),
    close: () => {
      isClosed = true
      for (const each of running) each.abort()
      for (const agent of agents.values()) agent.destroy()
    },
  }
}

async function credentialsOf(config: KubeConfig): Promise<https.RequestOptions> {
  const options: https.RequestOptions = {}
  try {
    await config.applyToHTTPSOptions(options)
  } catch {
    // What a credentials plugin prints may be secret.
    throw new RefitError(
      'KUBERNETES_UNAVAILABLE',
      'The credentials that the kubeconfig names could not be had.',
      "Check the user of the kubeconfig's current context, and run its command by hand where it has one.",
    )
  }
  return options
}

/** One agent per set of certificates: they may be renewed while the process runs. */
function keepAliveAgent(
  agents: Map<string, http.Agent>,
  server: string,
  options: https.RequestOptions,
  maxSockets: number,
): http.Agent {
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options
  const identity = JSON.stringify([ca, cert, key, pfx, passphrase, servername, rejectUnauthorized, maxSockets])
  const id = createHash('sha256').update(identity).digest('hex')
  const known = agents.get(id)
  if (known) return known
  const common = { keepAlive: true, maxSockets, timeout: 60_000 }
  const agent = server.startsWith('http:')
    ? new http.Agent(common)
    : new https.Agent({ ...common, ca, cert, key, pfx, passphrase, servername, rejectUnauthorized })
  agents.set(id, agent)
  return agent
}

function urlOf(server: string, { path, query = {} }: Call): URL {
  const url = new URL(`${server}${path}`)
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
  return url
}

const headersOf = ({ body, contentType }: Call): Record<string, string> => ({
  accept: 'application/json, */*',
  'user-agent': 'refit',
  ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
})

async function exchange(url: URL, options: https.RequestOptions, call: Call): Promise<Answer> {
  const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body))
  const { response, request } = await requestOnce(url, options, body).catch((error: unknown) => {
    // The server closed a kept connection as it was used again. Every call of this client may be repeated.
    if (error instanceof StaleSocket) return requestOnce(url, options, body)
    throw error
  })
  try {
    const { statusCode: status = 0, headers } = response
    return { status, headers, body: await bodyOf(response, call) }
  } finally {
    if (!response.complete) request.destroy()
  }
}

async function readLines(
  url: URL,
  options: https.RequestOptions,
  call: Call,
  take: Lines,
): Promise<Answer | undefined> {
  const { response, request } = await requestOnce(url, options, undefined)
  try {
    const { statusCode: status = 0, headers } = response
    if (status < 200 || status >= 300) return { status, headers, body: await bodyOf(response, call) }
    take.opened()
    let rest: Buffer[] = []
    let size = 0
    for await (const chunk of response as AsyncIterable<Buffer>) {
      let start = 0
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
        take.line(Buffer.concat([...rest, chunk.subarray(start, end)]).toString('utf8'))
        rest = []
        size = 0
        start = end + 1
      }
      if (start < chunk.length) rest.push(chunk.subarray(start))
      size += chunk.length - start
      if (size > longestLine) throw new Error('a line that never ends')
    }
    return undefined
  } finally {
    if (!response.complete) request.destroy()
  }
}

const newline = 0x0a

class StaleSocket extends Error {}

function requestOnce(url: URL, options: https.RequestOptions, body: Buffer | undefined) {
  return new Promise<{ response: IncomingMessage; request: http.ClientRequest }>((resolve, reject) => {
    const request = (url.protocol === 'http:' ? http : https).request(url, options)
    // Without it Node sends the body of a DELETE unannounced, and the server takes it for the next request.
    if (body) request.setHeader('content-length', body.length)
    request.once('response', (response) => resolve({ response, request }))
    request.on('error', (error: NodeJS.ErrnoException) =>
      reject(request.reusedSocket && error.code === 'ECONNRESET' ? new StaleSocket() : error),
    )
    request.end(body)
  })
}

async function bodyOf(response: IncomingMessage, { limit = defaultLimit, doing }: Call): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size <= limit.bytes) continue
    if (limit.keep === 'all')
      throw new RefitError(
        'KUBERNETES_INVALID',
        `Kubernetes answered with more than ${limit.bytes} bytes to ${doing}.`,
        'See what makes the answer that large; no setting raises the limit.',
      )
    if (limit.keep === 'start') break
    while (chunks[0] && size - chunks[0].length >= limit.bytes) size -= (chunks.shift() as Buffer).length
  }
  const all = Buffer.concat(chunks)
  return limit.keep === 'end' ? all.subarray(-limit.bytes) : all.subarray(0, limit.bytes)
}

/** Two addresses tried give an AggregateError without a message. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code ?? (message || 'the connection failed')
}
