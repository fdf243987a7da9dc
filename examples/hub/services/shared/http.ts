import http from 'node:http'
import { log, messageOf } from './environment'

export interface Call {
  /** the groups of the route's pattern */
  params: string[]
  /** parsed JSON, undefined when there is none */
  body: unknown
}

export interface Answer {
  status: number
  body: unknown
}

export interface Route {
  method: 'GET' | 'POST'
  path: RegExp
  handle(call: Call): Promise<Answer> | Answer
}

/** An answer that isn't 2xx, in one shape. */
export const refusal = (status: number, message: string): Answer => ({ status, body: { error: message } })

const MAX_BODY = 64 * 1024

/**
 * A keep-alive JSON server. While `draining()` every answer says `Connection: close`: a client then never sends its next
 * request on a connection that is about to go away.
 */
export function createServer(routes: Route[], draining: () => boolean): http.Server {
  const server = http.createServer((request, response) => {
    void answer(routes, request).then(({ status, body }) => {
      const text = JSON.stringify(body)
      if (draining()) response.setHeader('Connection', 'close')
      response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) })
      response.end(text)
    })
  })
  // Idle connections are left to the client to close; a server that closes first races with the next request.
  server.keepAliveTimeout = 75_000
  // Service objects balance connections, not requests: without an end to each, new pods would get none.
  server.maxRequestsPerSocket = 200
  return server
}

async function answer(routes: Route[], request: http.IncomingMessage): Promise<Answer> {
  try {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    const matching = routes.map((route) => ({ route, match: route.path.exec(path) })).filter(({ match }) => match)
    const chosen = matching.find(({ route }) => route.method === request.method)
    const text = await read(request)
    if (!chosen) return matching.length > 0 ? refusal(405, 'method not allowed') : refusal(404, 'no such path')
    if (text === null) return refusal(413, `more than ${MAX_BODY} bytes`)
    const body = text === '' ? undefined : parse(text)
    if (body === INVALID) return refusal(400, 'not JSON')
    return await chosen.route.handle({ params: chosen.match?.slice(1) ?? [], body })
  } catch (error) {
    log('request failed', { url: request.url, error: messageOf(error) })
    return refusal(500, 'internal error')
  }
}

const INVALID = Symbol('invalid')

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return INVALID
  }
}

/** The whole body, or null when it is too long; always read to its end, so that the connection can be kept. */
async function read(request: http.IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length <= MAX_BODY) chunks.push(chunk)
  }
  return length > MAX_BODY ? null : Buffer.concat(chunks).toString('utf8')
}
