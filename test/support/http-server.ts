import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

export interface TestServer {
  url: string
  received: Received[]
  /** answers the next requests in order; then `200 ok` as Slack does */
  answerWith(...answers: Answer[]): void
  /** answers whatever nothing else is said of */
  answerByDefault(answer: Answer): void
  close(): Promise<void>
}

export type Answer = (response: ServerResponse, request: Received) => void

/** Slack says what is wrong in a word of plain text. */
export const answer =
  (status: number, body = '', headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body)

/** A receiver on this machine that speaks the protocol of Slack's incoming webhooks. */
export async function startHttpServer(): Promise<TestServer> {
  const received: Received[] = []
  const answers: Answer[] = []
  let otherwise: Answer = answer(200, 'ok')
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const got = { method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') }
      received.push(got)
      ;(answers.shift() ?? otherwise)(response, got)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answerWith: (...next) => void answers.push(...next),
    answerByDefault: (next) => void (otherwise = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
