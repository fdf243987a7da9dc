import http from 'node:http'

export interface Reply {
  status: number
  body: unknown
}

/** A service's base URL. Load stays on the machine: anything but http://127.0.0.1 is refused. */
export function loopbackUrl(given: string): URL {
  const url = new URL(given)
  if (url.protocol === 'http:' && url.hostname === '127.0.0.1') return url
  throw new Error(`load may only go to http://127.0.0.1, not to ${given}`)
}

export interface JsonClient {
  /** rejects with the reason: `timeout`, or the socket's error code */
  post(path: string, body: object): Promise<Reply>
  close(): void
}

/** A keep-alive client that never tries again: a failure is a failure. */
export function createClient(base: URL, timeoutMs: number): JsonClient {
  // First in, first out keeps every connection in use, so that a draining pod can say `Connection: close` on each; what is
  // idle for 2 s is closed on this side, before the server could.
  const agent = new http.Agent({ keepAlive: true, scheduling: 'fifo', timeout: 2_000, maxSockets: 512 })
  return {
    post: (path, body) => post(agent, base, timeoutMs, path, JSON.stringify(body)),
    close: () => agent.destroy(),
  }
}

function post(agent: http.Agent, base: URL, timeoutMs: number, path: string, body: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
    const request = http.request(
      { agent, host: base.hostname, port: base.port || 80, path, method: 'POST', headers },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', fail)
        response.on('end', () => {
          clearTimeout(timer)
          resolve({ status: response.statusCode ?? 0, body: parse(Buffer.concat(chunks).toString('utf8')) })
        })
      },
    )
    const timer = setTimeout(() => request.destroy(new Error('timeout')), timeoutMs)
    function fail(error: NodeJS.ErrnoException) {
      clearTimeout(timer)
      reject(new Error(error.code ?? error.message))
    }
    request.on('error', fail)
    request.end(body)
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
