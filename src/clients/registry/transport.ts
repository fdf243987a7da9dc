import type { IncomingHttpHeaders } from 'node:http'
import type { Writable } from 'node:stream'
import pLimit from 'p-limit'
import { Pool } from 'undici'
import { allowedFor, checkLiteral, ForbiddenAddress, guardedLookup } from './address'
import type { Endpoint } from './endpoint'
import { exchange, TooLate, TooLong } from './exchange'
import { badAnswer, noAnswer } from './failures'

const timeoutMs = 10_000
const connectTimeoutMs = 5_000
/** Of one registry, at the same time. */
const connections = 16
const maxForeignPools = 32
/** A body that only explains a failure. */
const maxFailureBytes = 64 * 1024

export interface Send {
  method: 'GET' | 'HEAD' | 'POST'
  /** path and query */
  path: string
  headers: Record<string, string>
  body?: string
  maxBytes: number
  signal?: AbortSignal
  /** another origin that the registry named; its addresses may reach no closer than the registry's own */
  foreign?: string
  /** takes a body that is too long to be held; made anew for each try, and only for a 200 */
  into?: () => Writable
  /** how long the whole answer may take, where it is long; 10 s otherwise */
  timeoutMs?: number
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface Transport {
  /** Any answer, whatever its status; redirects aren't followed. Throws REGISTRY_UNAVAILABLE, REGISTRY_BAD_ANSWER or the signal's reason. */
  send(endpoint: Endpoint, request: Send): Promise<Answer>
  close(): Promise<void>
}

interface Origin {
  host: string
  pool: Pool
  limit: ReturnType<typeof pLimit>
}

/** Kept-alive connections to each origin, bounded in number, time and size. */
export function createTransport(): Transport {
  const own = new Map<string, Origin>()
  const foreign = new Map<string, Promise<Origin>>()
  const originOf = (origin: string): Origin => {
    const known = own.get(origin)
    if (known) return known
    const opened = open(origin, { timeout: connectTimeoutMs })
    own.set(origin, opened)
    return opened
  }
  const foreignOf = (endpoint: Endpoint, origin: string): Promise<Origin> => {
    const key = `${endpoint.origin} ${origin}`
    const known = foreign.get(key)
    if (known) return known
    const opened = openForeign(endpoint, origin)
    foreign.set(key, opened)
    opened.catch(() => foreign.delete(key))
    // A registry may name any number of storage hosts.
    const [oldest] = foreign
    if (foreign.size > maxForeignPools && oldest) {
      foreign.delete(oldest[0])
      void oldest[1].then(({ pool }) => pool.close()).catch(() => undefined)
    }
    return opened
  }
  let isClosed = false
  return {
    async send(endpoint, request) {
      if (isClosed) throw noAnswer(endpoint, endpoint.host, 'the client was closed', undefined)
      const origin =
        request.foreign !== undefined && request.foreign !== endpoint.origin
          ? await foreignOf(endpoint, request.foreign)
          : originOf(endpoint.origin)
      return origin.limit(() => sendWithin(origin, endpoint, request))
    },
    async close() {
      isClosed = true
      const pools = [...own.values(), ...(await Promise.allSettled(foreign.values())).flatMap(fulfilled)]
      own.clear()
      foreign.clear()
      await Promise.all(pools.map(({ pool }) => pool.destroy()))
    },
  }
}

const fulfilled = <T>(result: PromiseSettledResult<T>): T[] => (result.status === 'fulfilled' ? [result.value] : [])

function open(origin: string, connect: Pool.Options['connect']): Origin {
  const pool = new Pool(origin, { connections, connect, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 })
  return { host: new URL(origin).host, pool, limit: pLimit(connections) }
}

async function openForeign(endpoint: Endpoint, origin: string): Promise<Origin> {
  const allowed = await allowedFor(new URL(endpoint.origin).hostname)
  try {
    checkLiteral(new URL(origin).hostname, allowed)
  } catch (error) {
    throw badAnswer(endpoint, `it points to ${new URL(origin).host}, which is not asked: ${(error as Error).message}`)
  }
  return open(origin, { timeout: connectTimeoutMs, lookup: guardedLookup(allowed) })
}

async function sendWithin({ pool, host }: Origin, endpoint: Endpoint, request: Send): Promise<Answer> {
  const { method, path, body, maxBytes, signal, into } = request
  const withinMs = request.timeoutMs ?? timeoutMs
  // Some gateways refuse whoever doesn't say who they are.
  const headers = { ...request.headers, 'user-agent': 'refit' }
  signal?.throwIfAborted()
  // A HEAD says how long the body would be.
  const limitOf = (status: number): number => (method === 'HEAD' ? Infinity : status < 300 ? maxBytes : maxFailureBytes)
  try {
    // undici would close the connection after each HEAD, for servers that answer it with a body.
    return await exchange(
      pool,
      { method, path, headers, body, reset: false },
      { timeoutMs: withinMs, maxBytes: limitOf, ...(signal ? { signal } : {}), ...(into ? { into } : {}) },
    )
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof TooLong) throw badAnswer(endpoint, `it answered with more than ${maxBytes / 1_048_576} MiB`)
    throw explain(error, endpoint, host, withinMs)
  }
}

function explain(error: unknown, endpoint: Endpoint, host: string, withinMs: number): unknown {
  if (error instanceof ForbiddenAddress)
    return badAnswer(endpoint, `it points to ${host}, which is not asked: ${error.message}`)
  const { name, code: found, message } = error as { name?: string; code?: unknown; message?: string }
  // An AbortError's is a number.
  const code = typeof found === 'string' ? found : undefined
  if (name === 'RefitError') return error
  if (name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW' || code?.startsWith('HPE_'))
    return badAnswer(endpoint, 'it does not speak HTTP')
  const limitMs =
    error instanceof TooLate ? withinMs : code === 'UND_ERR_CONNECT_TIMEOUT' ? connectTimeoutMs : undefined
  const why =
    limitMs === undefined
      ? (code ?? (message || 'the connection failed'))
      : `it did not answer within ${limitMs / 1_000} s`
  return noAnswer(endpoint, host, why, error)
}
