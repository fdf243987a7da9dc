import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands in for Slack, which is out of reach: takes an incoming webhook's `{"text": …}` and answers `ok` as Slack does. */
export async function startSlack(onText: (text: string) => void): Promise<{ url: string; close: () => Promise<void> }> {
  const server: Server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (body = (body + chunk).slice(0, 100_000)))
    request.on('end', () => {
      const { text } = JSON.parse(body) as { text?: string }
      onText(text ?? '')
      response.writeHead(200, { 'content-type': 'text/html' }).end('ok')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/services/T000/B000/demo`,
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  }
}
