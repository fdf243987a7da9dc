/** Receivers of webhooks that take some alerts at once, refuse some, and hang up on some that they have taken. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Story } from './story'

export interface Receiver {
  url: string
  /** how often each webhook-id was taken, and the bodies that came with it */
  taken: Map<string, string[]>
  close(): Promise<void>
}

export async function receiver(deliveries: Story['deliveries'], offset: number): Promise<Receiver> {
  const taken: Receiver['taken'] = new Map()
  let turn = offset
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.once('end', () => {
      const delivery = deliveries[(turn += 1) % deliveries.length]
      if (delivery === 'refused') return void response.writeHead(503).end()
      const id = String(request.headers['webhook-id'])
      const { data } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { data: unknown }
      taken.set(id, [...(taken.get(id) ?? []), JSON.stringify(data)])
      if (delivery === 'taken-and-cut') return void request.socket.destroy()
      response.writeHead(204).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    taken,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
