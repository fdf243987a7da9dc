import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

/** A registry host of its own in front of the stack's registry, which notes what it is asked, can be throttled and held. */
export interface RegistryProxy {
  host: string
  /** `GET /v2/hub/a/tags/list`, in order */
  asked(): string[]
  forget(): void
  /** from now on 429 with this Retry-After; undefined ends it */
  throttle(retryAfter: string | undefined): void
  /** after so many more requests every further one waits until `release` */
  hold(after: number): void
  release(): void
  /** requests that wait now */
  waiting(): number
  close(): Promise<void>
}

/** `login`: the Authorization header without which it answers 401 */
export async function registryProxy(upstream: string, { login }: { login?: string } = {}): Promise<RegistryProxy> {
  let asked: string[] = []
  let retryAfter: string | undefined
  let passes = Infinity
  let held: (() => void)[] = []
  const server: Server = createServer((incoming, answer) => {
    asked.push(`${incoming.method} ${incoming.url?.split('?')[0]}`)
    passes -= 1
    if (passes < 0) held.push(() => pass(incoming, answer))
    else pass(incoming, answer)
  })
  const pass = (incoming: IncomingMessage, answer: ServerResponse): void => {
    if (retryAfter !== undefined) {
      answer.writeHead(429, { 'retry-after': retryAfter }).end('{"errors":[{"code":"TOOMANYREQUESTS"}]}')
      return
    }
    if (login !== undefined && incoming.headers.authorization !== login) {
      answer
        .writeHead(401, { 'www-authenticate': 'Basic realm="registry"' })
        .end('{"errors":[{"code":"UNAUTHORIZED"}]}')
      return
    }
    const [hostname, port] = upstream.split(':')
    const { method, url: path, headers } = incoming
    const outgoing = request({ hostname, port, method, path, headers: { ...headers, host: upstream } }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    outgoing.on('error', () => answer.destroy())
    incoming.pipe(outgoing)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    forget: () => void (asked = []),
    throttle: (seconds) => void (retryAfter = seconds),
    hold: (after) => void (passes = after),
    release() {
      passes = Infinity
      const released = held
      held = []
      for (const each of released) each()
    },
    waiting: () => held.length,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
