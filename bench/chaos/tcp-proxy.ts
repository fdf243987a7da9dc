import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** `pass` on, `cut` every connection and take none, or be `silent`: connections stay open and nothing comes through. */
export type Line = 'pass' | 'cut' | 'silent'

export interface TcpProxy {
  host: string
  port: number
  set(line: Line): void
  close(): Promise<void>
}

/** The network between a worker and one server. What was held back while it was silent comes through afterwards. */
export async function tcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  let line: Line = 'pass'
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => sockets.delete(socket))
    if (line === 'silent') socket.pause()
  }
  const server = createServer((inside) => {
    if (line === 'cut') return void inside.destroy()
    const outside = connect(target.port, target.host)
    keep(inside)
    keep(outside)
    for (const [from, to] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      from.on('data', (chunk: Buffer) => {
        if (!to.write(chunk)) from.pause()
      })
      to.on('drain', () => void (line !== 'silent' && from.resume()))
      from.once('close', () => to.destroy())
      from.once('end', () => to.end())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    set(next) {
      line = next
      for (const socket of sockets) {
        if (next === 'cut') socket.destroy()
        else if (next === 'silent') socket.pause()
        else socket.resume()
      }
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
