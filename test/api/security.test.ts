/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import cookies from '@fastify/cookie'
import fastify from 'fastify'
import { addAuthentication } from '../../src/api/auth'
import { createLogins } from '../../src/api/login'
import type { Api } from '../../src/api/types'
import { assertInsecureLocal } from '../../src/server'
import { config } from '../operations/support'
import { memoryStore, serve } from './support'

describe('every answer', () => {
  test.each(['/livez', '/api/v1/session', '/api/v1/services', '/nothing', '/openapi.json'])('%s', async (url) => {
    const { app } = await serve()
    const { headers } = await app.inject(url)
    expect(headers).toMatchObject({
      'content-security-policy':
        "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;font-src 'self';connect-src 'self';manifest-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
    })
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('server')
    expect(headers).not.toHaveProperty('strict-transport-security')
  })

  test('asks to come back over https, but for this machine', async () => {
    const { app } = await serve()
    const elsewhere = await app.inject({ url: '/livez', headers: { host: 'refit.example.org' } })
    expect(elsewhere.headers['strict-transport-security']).toBe('max-age=31536000')
    const session = { lifetimeMs: 43_200_000, idleMs: 7_200_000 }
    const proxied = await serve({ server: { url: 'https://refit.example.org', session, requestsPerMinute: 100 } })
    expect((await proxied.app.inject('/livez')).headers['strict-transport-security']).toBe('max-age=31536000')
  })
})

describe('without a login on this machine (--insecure-local)', () => {
  const me = '/api/v1/me'
  const pause = '/api/v1/services/hub/nobody/pause'

  test('whoever asks may do everything, and every page can say so', async () => {
    const { app } = await serve({ insecureLocal: 'ana@laptop' })
    const session = await app.inject('/api/v1/session')
    expect(session.json()).toMatchObject({
      insecureLocal: true,
      person: { name: 'ana@laptop', groups: [], scope: 'admin', via: 'local' },
    })
    expect((await app.inject(me)).json()).toMatchObject({ via: 'local' })
  })

  test.each([
    ['localhost:80', 200],
    ['127.0.0.1', 200],
    ['[::1]:8080', 200],
    ['evil.example', 401],
    ['127.0.0.1.evil.example', 401],
    ['localhost.evil.example', 401],
  ])('only under a name of this machine: %s', async (host, expected) => {
    const { app } = await serve({ insecureLocal: 'ana@laptop' })
    expect((await app.inject({ url: me, headers: { host } })).statusCode).toBe(expected)
  })

  test('no page of another site may change anything', async () => {
    const { app } = await serve({ insecureLocal: 'ana@laptop' })
    const payload = { reason: 'because' }
    const { csrf } = (await app.inject('/api/v1/session')).json<{ csrf: string }>()
    const without = await app.inject({ method: 'POST', url: pause, payload })
    const foreign = await app.inject({ method: 'POST', url: pause, headers: { 'x-csrf-token': 'x' }, payload })
    const own = await app.inject({ method: 'POST', url: pause, headers: { 'x-csrf-token': csrf }, payload })
    expect([without, foreign, own].map(({ statusCode }) => statusCode)).toEqual([403, 403, 404])
  })

  test('a token that comes all the same must be right', async () => {
    const { app } = await serve({ insecureLocal: 'ana@laptop' })
    expect((await app.inject({ url: me, headers: { authorization: 'Bearer rft_x' } })).statusCode).toBe(401)
  })

  test('is off unless asked for', async () => {
    const { app } = await serve()
    expect((await app.inject(me)).statusCode).toBe(401)
    expect((await app.inject('/api/v1/session')).json()).toMatchObject({ insecureLocal: false, person: null })
  })
})

test.each([
  [true, undefined, undefined],
  [true, 'http://localhost:8080', undefined],
  [true, 'https://refit.example.org', 'take server.url out'],
  [false, undefined, 'Listen at 127.0.0.1'],
])('--insecure-local where the server is local: %s, reached at %s', (isLocal, url, next) => {
  const attempt = (): void => assertInsecureLocal({ isLocal, url })
  if (next === undefined) expect(attempt).not.toThrow()
  else
    expect(attempt).toThrow(
      expect.objectContaining({ code: 'USAGE', next: expect.stringContaining(next) as string }) as Error,
    )
})

test('a route that goes on answering can ask whether its login lasts', async () => {
  const { store } = memoryStore()
  let isLive = true
  const row = { name: 'ana', via: 'token', scope: 'viewer', groups: [] }
  store.sessions = { ...store.sessions, find: async () => (isLive ? (row as never) : undefined) }
  const app = fastify() as unknown as Api
  await app.register(cookies)
  addAuthentication(app, { config }, createLogins({ store, config }))
  app.get('/stream', { config: { scope: 'viewer' } }, async (request) => {
    await request.stillMay?.()
    isLive = false
    return request.stillMay?.().catch(({ code }: { code: string }) => ({ after: code }))
  })
  const answer = await app.inject({ url: '/stream', headers: { cookie: `refit_session=${'A'.repeat(43)}` } })
  await app.close()
  expect(answer.json()).toEqual({ after: 'UNAUTHENTICATED' })
})
