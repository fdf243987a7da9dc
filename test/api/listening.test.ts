import { connect, type AddressInfo } from 'node:net'
import { hook, memoryStore, serve } from './support'
import { webhookPath } from '../../src/operations/webhook-key'

const portOf = (address: AddressInfo | string | null): number => (address as AddressInfo).port

/** Sends these bytes and collects what comes back until the server hangs up. */
const exchange = (port: number, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (chunk) => (answer += chunk.toString()))
    socket.once('close', () => resolve(answer)).once('error', reject)
  })

test('a body that is announced too large is refused before it is sent', async () => {
  const { app } = await serve({ webhooks: [hook('quay')] })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const head = `POST ${webhookPath(hook('quay'))} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1048577\r\nconnection: close\r\n\r\n`
  expect(await exchange(portOf(app.server.address()), head)).toMatch(/^HTTP\/1\.1 413 /)
})

test('closing waits for the request that is being answered, and takes no new one', async () => {
  const { store } = memoryStore()
  let release = (): void => undefined
  const started = new Promise<void>((resolve) => {
    store.check = () => {
      resolve()
      return new Promise((answer) => (release = () => answer({ pending: 0 })))
    }
  })
  const { app } = await serve({ store })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const port = portOf(app.server.address())
  const answer = exchange(port, 'GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n')
  await started
  const closing = app.close()
  await new Promise((resolve) => setImmediate(resolve))
  await expect(exchange(port, 'GET /livez HTTP/1.1\r\nhost: x\r\n\r\n')).rejects.toThrow(/ECONNREFUSED/)
  release()
  expect(await answer).toMatch(/^HTTP\/1\.1 200 /)
  await closing
})

test('slow senders have limits', async () => {
  const { app } = await serve()
  expect(app.server.headersTimeout).toBe(5_000)
  expect(app.server.requestTimeout).toBe(10_000)
})
