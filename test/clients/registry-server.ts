import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

export interface TestServer {
  /** `127.0.0.1:port` */
  host: string
  /** method and URL of each request so far */
  requests: string[]
  /** what answers from now on */
  answer(handler: Handler): void
  close(): Promise<void>
}

/** A real HTTP server on this machine whose answers each test chooses. */
export async function startServer(): Promise<TestServer> {
  let handler: Handler = (_request, response) => response.writeHead(404).end()
  const requests: string[] = []
  const server: Server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    handler(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer: (next) => {
      requests.length = 0
      handler = next
    },
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

export const answerWith =
  (status: number, body: string, headers: Record<string, string> = {}): Handler =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  }
