import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/**
 * What a pooler is to a client: a server that speaks the protocol itself, and announces a process of its own. Everything
 * else is passed on as it is. Returns the URL through it.
 */
export async function pooler(url: string): Promise<{ url: string; close: () => void }> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    client.pipe(upstream)
    upstream.on('data', (data: Buffer) => client.write(announced(data)))
    upstream.on('close', () => client.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const through = new URL(url)
  through.port = String((server.address() as AddressInfo).port)
  return {
    url: through.toString(),
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** BackendKeyData: `K`, a length of 12, the process, its secret. */
function announced(data: Buffer): Buffer {
  const at = data.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]))
  if (at >= 0) data.writeInt32BE(data.readInt32BE(at + 5) + 1, at + 5)
  return data
}
