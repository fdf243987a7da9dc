import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { hashOfSecret } from '../../src/operations/tokens'
import { decision, fakeStore } from '../operations/support'
import { serve } from './support'

const many = Array.from({ length: 40 }, (_, index) => decision({ service: `service-${index}` }))
const ask = async (encoding: string | undefined, decisions = many) => {
  const row = { id: '1', name: 'ana', scope: 'viewer' as const, createdAt: new Date(0), createdBy: 'me' }
  const live = { ...row, expiresAt: null, lastUsedAt: null, revokedAt: null }
  const { store } = fakeStore({ decisions, tokens: { [hashOfSecret(secret)]: live } })
  const { app } = await serve({ store })
  return app.inject({
    url: '/api/v1/services',
    headers: { authorization: `Bearer ${secret}`, ...(encoding === undefined ? {} : { 'accept-encoding': encoding }) },
  })
}

/** As refit token create makes one. */
const random = 'A'.repeat(43)
const secret = `rft_${random}${createHash('sha256').update(random).digest('hex').slice(0, 8)}`

test.each(['gzip', 'gzip, deflate, br', 'br;q=1.0, gzip;q=0.8', 'GZIP'])(
  'who takes %s gets it compressed',
  async (encoding) => {
    const answer = await ask(encoding)
    expect([answer.statusCode, answer.headers['content-encoding']]).toEqual([200, 'gzip'])
    expect(answer.headers.vary).toContain('accept-encoding')
    const { services } = JSON.parse(gunzipSync(answer.rawPayload).toString()) as { services: unknown[] }
    expect(services).toHaveLength(40)
    expect(Number(answer.headers['content-length'] ?? answer.rawPayload.length)).toBe(answer.rawPayload.length)
  },
)

test.each([undefined, '', 'identity', 'br', 'gzip;q=0', 'gzip;q=0.0, br'])(
  'who takes %s gets it as it is',
  async (encoding) => {
    const answer = await ask(encoding)
    expect([answer.statusCode, answer.headers['content-encoding']]).toEqual([200, undefined])
    expect(answer.json<{ services: unknown[] }>().services).toHaveLength(40)
  },
)

test('a short answer is never compressed', async () => {
  expect((await ask('gzip', [])).headers['content-encoding']).toBeUndefined()
})
