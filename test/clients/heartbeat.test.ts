import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { callHeartbeat } from '../../src/clients/heartbeat'
import { answer, startHttpServer, type TestServer } from '../support/http-server'

let server: TestServer
beforeAll(async () => void (server = await startHttpServer()))
afterAll(() => server.close())

test('it is a GET, and an answer of 2xx is all that is wanted', async () => {
  expect(await callHeartbeat(`${server.url}/beat/secret`)).toBeUndefined()
  expect(server.received.at(-1)).toMatchObject({ method: 'GET', path: '/beat/secret', body: '' })
})

test.each([
  ['no', answer(500, 'secret'), 'it answered 500'],
  ['a redirect', answer(302, '', { location: 'http://127.0.0.1:9/' }), 'it answered with a redirect (302)'],
])('an answer of %s is told without the URL', async (_name, given, words) => {
  server.answerWith(given)
  const said = await callHeartbeat(`${server.url}/beat/secret`)
  expect(said).toContain(words)
  expect(said).not.toContain('secret')
})

test('a server that does not answer is given up', async () => {
  server.answerWith(() => undefined)
  expect(await callHeartbeat(`${server.url}/beat/secret`, 50)).toBe('no answer within 0.05 s')
})

test('a server that is away is told by its code', async () => {
  const gone = createServer()
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve))
  const { port } = gone.address() as AddressInfo
  await new Promise((resolve) => gone.close(resolve))
  expect(await callHeartbeat(`http://127.0.0.1:${port}/secret`)).toBe('ECONNREFUSED')
})
