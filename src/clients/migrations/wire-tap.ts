import { connect, createServer, type Socket } from 'node:net'
import { FrontendMessages, type SentStatement } from './frontend-messages'

/** A statement with the connection that it came over, which is numbered from 1. */
export interface TappedStatement extends SentStatement {
  session: number
}

export interface WireTap {
  /** on loopback, to the same database with the same login */
  url: string
  /** all that was sent so far, in order */
  statements: TappedStatement[]
  /** ends every connection */
  close(): Promise<void>
}

const sslRequest = 80877103
const gssRequest = 80877104

/**
 * A door to one database, that notes each statement which passes. It is what the server itself is sent, whichever library
 * sends it, and needs no setting of the server; connections to any other database are closed.
 */
export async function tapDatabase(url: string): Promise<WireTap> {
  const upstream = new URL(url)
  const database = decodeURIComponent(upstream.pathname.slice(1))
  const statements: TappedStatement[] = []
  const open = new Set<Socket>()
  let sessions = 0
  const server = createServer((client) => {
    open.add(client)
    client.on('error', () => client.destroy()).on('close', () => open.delete(client))
    startUp(client, database, (first) => {
      const session = ++sessions
      const messages = new FrontendMessages((statement) => statements.push({ ...statement, session }))
      const server = connect({ host: upstream.hostname, port: Number(upstream.port || 5432) })
      open.add(server)
      server.on('error', () => client.destroy()).on('close', () => client.destroy())
      client.on('close', () => server.end())
      server.write(first)
      client.on('data', (chunk: Buffer) => messages.feed(chunk))
      client.pipe(server)
      server.pipe(client)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const door = new URL(url)
  door.hostname = '127.0.0.1'
  door.port = String(typeof address === 'object' ? address?.port : '')
  door.search = ''
  return {
    url: door.toString(),
    statements,
    close: () => {
      for (const socket of open) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** Says no to encryption on loopback, and hands on the first start-up message for the right database. */
function startUp(client: Socket, database: string, begin: (first: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  const read = (chunk: Buffer): void => {
    rest = Buffer.concat([rest, chunk])
    if (rest.length < 8 || rest.length < rest.readInt32BE(0)) return
    const length = rest.readInt32BE(0)
    const code = rest.readInt32BE(4)
    if (code === sslRequest || code === gssRequest) {
      rest = rest.subarray(length)
      client.write('N')
      return
    }
    client.off('data', read)
    client.pause()
    if (databaseOf(rest.subarray(8, length)) !== database) client.destroy()
    else begin(rest)
  }
  client.on('data', read)
}

function databaseOf(parameters: Buffer): string | undefined {
  const words = parameters.toString('utf8').split('\0')
  const at = words.findIndex((word, index) => index % 2 === 0 && word === 'database')
  return at < 0 ? undefined : words[at + 1]
}
