import { createCodec } from '../../src/clients/encryption'
import { encryptionKeysOf } from '../../src/config/encryption-keys'
import { hubCodec } from '../../src/operations/codec'
import { serve } from './support'

const key = `a:${Buffer.alloc(32, 1).toString('base64')}`
const codec = hubCodec(createCodec(encryptionKeysOf({ REFIT_ENCRYPTION_KEYS: key }), 'leave'))
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const plain = { metadata: { encoding: base64('json/plain') }, data: base64('{"by":"ana"}') }
const page = 'https://temporal.example'
/** Whoever asks from this machine is logged in, as by a cookie: what a browser sends by itself. */
const local = { codec, insecureLocal: 'ana@laptop', temporalUi: `${page}/ui/` }

const post = async (url: string, headers: Record<string, string>, payload: object, deps: object = local) =>
  (await serve(deps)).app.inject({ method: 'POST', url, headers, payload })
type Answered = { payloads: { metadata: Record<string, string>; data: string }[] }

test('what is encrypted for the CLI of Temporal is decrypted for its Web UI', async () => {
  const sealed = await post('/codec/encode', { origin: page }, { payloads: [plain] })
  expect(sealed.statusCode).toBe(200)
  const { payloads } = sealed.json<Answered>()
  expect(payloads[0]?.metadata.encoding).toBe(base64('binary/encrypted'))
  const opened = await post(
    '/codec/decode',
    { origin: page, 'x-namespace': 'green' },
    { payloads: [...payloads, plain] },
  )
  expect(opened.json()).toEqual({ payloads: [plain, plain] })
})

test.each<Record<string, string>>([{}, { 'x-namespace': '' }, { 'x-namespace': 'green, green' }])(
  'the namespace of this hub: %j',
  async (headers) => {
    expect((await post('/codec/decode', { origin: page, ...headers }, { payloads: [] })).statusCode).toBe(200)
  },
)

test('nothing is decrypted to nothing: the CLI leaves an empty list out', async () => {
  const answer = await post('/codec/decode', { origin: page }, {})
  expect(answer.json()).toEqual({ payloads: [] })
})

test('without keys there is no codec server', async () => {
  expect((await post('/codec/decode', {}, { payloads: [] }, { ...local, codec: undefined })).statusCode).toBe(404)
})

test.each<[string, Record<string, string>, object, object, number]>([
  ['nobody who is not logged in', { origin: page }, { payloads: [plain] }, { codec, temporalUi: page }, 401],
  ['a wrong token', { authorization: 'Bearer rft_wrong' }, { payloads: [plain] }, local, 401],
  ['a page of another site', { origin: 'https://evil.example' }, { payloads: [plain] }, local, 403],
  ['a page of the Web UI over http', { origin: 'http://temporal.example' }, { payloads: [plain] }, local, 403],
  [
    'any page where refit.yaml names no Web UI',
    { origin: page },
    { payloads: [plain] },
    { ...local, temporalUi: undefined },
    403,
  ],
  ['another namespace', { origin: page, 'x-namespace': 'blue' }, { payloads: [plain] }, local, 400],
  ['payloads that are no list', { origin: page }, { payloads: 7 }, local, 400],
  ['data that is no base64', { origin: page }, { payloads: [{ data: '%' }] }, local, 400],
  ['more than 4 MiB', { origin: page }, { payloads: [{ data: 'A'.repeat(4_194_304) }] }, local, 413],
])('refuses %s', async (_, headers, payload, deps, status) => {
  const answer = await post('/codec/decode', headers, payload, deps)
  expect(answer.statusCode).toBe(status)
  expect(answer.body).not.toContain('ana')
})

test.each([
  [page, page],
  ['https://evil.example', page],
])('a browser that asks from %s is told that %s may', async (origin, allowed) => {
  const { app } = await serve(local)
  const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-namespace' }
  const answer = await app.inject({ method: 'OPTIONS', url: '/codec/decode', headers })
  expect(answer.headers['access-control-allow-origin']).toBe(allowed)
  expect(answer.headers['access-control-allow-headers']).toMatch(/x-namespace/)
})

test('no other route answers pages of the Web UI', async () => {
  const { app } = await serve(local)
  const asks = { origin: page, 'access-control-request-method': 'POST' }
  for (const method of ['GET', 'OPTIONS'] as const) {
    const { headers } = await app.inject({ method, url: '/api/v1/session', headers: asks })
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  }
  const payload = { reason: 'because' }
  const pause = {
    method: 'POST',
    url: '/api/v1/services/hub/nobody/pause',
    headers: { origin: page },
    payload,
  } as const
  expect((await app.inject(pause)).statusCode).toBe(403)
})
