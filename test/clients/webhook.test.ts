import { Webhook } from 'standardwebhooks'
import { webhookNotifier } from '../../src/clients/webhook'
import { answer, startHttpServer, type TestServer } from '../support/http-server'
import { alertAt, delivery, failure } from './alert-targets'

let server: TestServer
beforeEach(async () => {
  server = await startHttpServer()
})
afterEach(() => server.close())

const whsec = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const plain = 'ein Schlüssel als Text'
const target = (signedWith?: string) =>
  webhookNotifier({
    name: 'webhook#1',
    url: `${server.url}/hook?k=S3CRET`,
    levels: ['page'],
    allowPrivate: true,
    signedWith,
  })

it.each([
  ['whsec_ and base64', whsec, () => new Webhook(whsec)],
  ['a text', plain, () => new Webhook(Buffer.from(plain, 'utf8'), { format: 'raw' })],
])("is signed so that the specification's own verifier accepts it: key as %s", async (_, key, verifier) => {
  await target(key).send(alertAt({ title: 'grün → blau' }), delivery)
  const [{ body = '', headers = {} } = {}] = server.received
  expect(verifier().verify(body, headers as Record<string, string>)).toMatchObject({
    type: 'refit.alert',
    timestamp: '2026-11-24T10:00:00.500Z',
    data: { title: 'grün → blau', level: 'action', text: expect.stringContaining('<waits>') as string },
  })
  expect(() => verifier().verify(`${body} `, headers as Record<string, string>)).toThrow('No matching signature found')
})

it('has the same id and the same body for the same news, another id for other news', async () => {
  const { at } = delivery
  for (const id of ['grün/a', 'grün/a', 'grün/b']) await target(whsec).send(alertAt(), { id, at })
  const [first, again, other] = server.received
  expect(first?.headers['webhook-id']).toMatch(/^refit_[0-9a-f]{32}$/)
  expect([again?.headers['webhook-id'], again?.body]).toEqual([first?.headers['webhook-id'], first?.body])
  expect(other?.headers['webhook-id']).not.toBe(first?.headers['webhook-id'])
})

it('without a key is not signed, and still has its id', async () => {
  await target().send(alertAt(), delivery)
  expect(server.received[0]?.headers).toHaveProperty('webhook-id')
  expect(server.received[0]?.headers).not.toHaveProperty('webhook-signature')
})

it.each<[string, number, string, boolean, number | undefined]>([
  ['a receiver that is busy', 429, '7', true, 7_000],
  ['a broken receiver', 500, '', true, undefined],
  ['one behind a restarting proxy', 503, '12', true, 12_000],
  ['one that is too slow for its proxy', 408, '', true, undefined],
  ['a wrong path', 404, '', false, undefined],
  ['one that is gone', 410, '', false, undefined],
])('%s (%i) is asked again when that may help', async (_, status, retryAfter, retryable, retryAfterMs) => {
  server.answerWith(answer(status, 'no: /hook?k=S3CRET', retryAfter ? { 'retry-after': retryAfter } : {}))
  const error = await failure(target(whsec).send(alertAt(), delivery))
  expect(error).toMatchObject({ code: 'ALERT_REFUSED', retryable })
  expect(error.retryAfterMs).toBe(retryAfterMs)
  expect(error.message).not.toContain('S3CRET')
})
