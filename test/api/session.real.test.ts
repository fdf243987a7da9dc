import type { LightMyRequestResponse } from 'fastify'
import { endSessionsOf, listSessions } from '../../src/operations/sessions'
import { revokeToken } from '../../src/operations/tokens'
import { config } from '../operations/support'
import { secretOf } from '../support/tokens'
import { codeOf, ledger, openRealApi, type RealApi, realServer, status } from './real-api'

let api: RealApi
const server = (more?: Parameters<typeof realServer>[2]) => realServer(api, {}, more)
type Server = Awaited<ReturnType<typeof server>>

beforeAll(async () => {
  api = await openRealApi()
})
afterAll(() => api.databases.remove())

const remote = { host: 'refit.example.org' }

/** Logs in with a token, as the page does; what a browser would send from then on. */
async function logIn({ app }: Server, token: string, headers: Record<string, string> = {}) {
  const answer = await app.inject({ method: 'POST', url: '/auth/token', headers, payload: { token } })
  const [cookie] = answer.cookies
  return { answer, cookie: `${cookie?.name}=${cookie?.value}`, csrf: answer.json<{ csrf: string }>().csrf }
}

const setCookieOf = (answer: LightMyRequestResponse): string => String(answer.headers['set-cookie'])
const query = (sql: string) => api.databases.query(api.url, sql)

describe('a session', () => {
  test('begins with a token, and says who that is', async () => {
    const found = await server({ temporalUi: 'http://temporal.example' })
    const nobody = await found.ask('GET', '/api/v1/session')
    expect(nobody.json()).toMatchObject({ hub: { name: 'green-hub' }, person: null, csrf: null, temporalUi: null })
    const { answer, cookie, csrf } = await logIn(found, api.secrets.approver)
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store'])
    const session = await found.ask('GET', '/api/v1/session', { headers: { cookie } })
    expect(session.json()).toEqual({
      ...{ hub: { name: 'green-hub', environment: 'test' }, version: '1.2.3', oidc: false, insecureLocal: false },
      person: { name: 'ana', groups: ['tech-ops'], scope: 'approver', via: 'token' },
      ...{ temporalUi: 'http://temporal.example', csrf },
    })
    expect((await found.ask('GET', status, { headers: { cookie } })).statusCode).toBe(200)
  })

  test.each([
    ['on this machine', {}, undefined, /^refit_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/],
    ['elsewhere', remote, undefined, /^__Host-refit_session=.+; HttpOnly; Secure; SameSite=Lax$/],
    ['behind a proxy', {}, 'https://refit.example.org', /^__Host-refit_session=.+; HttpOnly; Secure; SameSite=Lax$/],
  ])('has a cookie that no script reads: %s', async (_name, headers, url, pattern) => {
    const session = { lifetimeMs: 43_200_000, idleMs: 7_200_000 }
    const found = await server({ server: { session, requestsPerMinute: 100, ...(url ? { url } : {}) } })
    const { answer } = await logIn(found, api.secrets.viewer, headers)
    expect(setCookieOf(answer)).toMatch(pattern)
  })

  test('changes nothing without the header that only its own page knows', async () => {
    const found = await server()
    const { cookie, csrf } = await logIn(found, api.secrets.admin)
    const said = { body: { reason: 'because' } }
    const foreign: Record<string, string>[] = [
      { cookie },
      { cookie, 'x-csrf-token': '' },
      { cookie, 'x-csrf-token': (await logIn(found, api.secrets.admin)).csrf },
      { cookie, 'x-csrf-token': csrf, 'sec-fetch-site': 'cross-site' },
      { cookie, 'x-csrf-token': csrf, 'sec-fetch-site': 'same-site' },
    ]
    for (const headers of foreign) {
      const answer = await found.ask('POST', `${ledger}/pause`, { ...said, headers })
      expect([answer.statusCode, codeOf(answer)]).toEqual([403, 'FORBIDDEN'])
    }
    expect(found.sent).toEqual([])
    const own = { cookie, 'x-csrf-token': csrf, 'sec-fetch-site': 'same-origin' }
    expect((await found.ask('POST', `${ledger}/pause`, { ...said, headers: own })).statusCode).toBe(200)
    expect(found.sent).toHaveLength(1)
  })

  test('has the scope of its token', async () => {
    const found = await server()
    const { cookie, csrf } = await logIn(found, api.secrets.viewer)
    const headers = { cookie, 'x-csrf-token': csrf }
    const answer = await found.ask('POST', `${ledger}/pause`, { body: { reason: 'because' }, headers })
    expect([answer.statusCode, codeOf(answer)]).toEqual([403, 'FORBIDDEN'])
  })

  test('survives another server, and ends with a logout', async () => {
    const found = await server()
    const { cookie, csrf } = await logIn(found, api.secrets.viewer)
    const other = await server()
    expect((await other.ask('GET', status, { headers: { cookie } })).statusCode).toBe(200)
    const foreign = await other.ask('POST', '/auth/logout', { headers: { cookie } })
    expect(foreign.statusCode).toBe(403)
    const out = await other.ask('POST', '/auth/logout', { headers: { cookie, 'x-csrf-token': csrf } })
    expect([out.statusCode, setCookieOf(out)]).toEqual([
      204,
      expect.stringMatching(/^refit_session=; .*Expires=Thu, 01 Jan 1970/),
    ])
    expect((await found.ask('GET', status, { headers: { cookie } })).statusCode).toBe(401)
    expect((await found.ask('POST', '/auth/logout')).statusCode).toBe(204)
  })

  test('ends when its token is revoked, and a page that asks is told so', async () => {
    const found = await server()
    const token = await secretOf(api.store, 'ben', 'operator')
    const { cookie } = await logIn(found, token)
    const { tokens } = await api.store.tokens
      .list()
      .then((rows) => ({ tokens: rows.filter(({ name }) => name === 'ben') }))
    await revokeToken({ store: api.store }, { id: tokens[0]?.id ?? '', by: 'root' })
    expect((await found.ask('GET', status, { headers: { cookie } })).statusCode).toBe(401)
    const session = await found.ask('GET', '/api/v1/session', { headers: { cookie } })
    expect([session.statusCode, session.json().person, setCookieOf(session)]).toEqual([
      ...[200, null],
      expect.stringMatching(/^refit_session=;/),
    ])
  })

  test.each([
    ['its time is over', 'expires_at = now()'],
    ['nobody used it for two hours', "last_used_at = now() - interval '2 hours 1 second'"],
    ['its token expired', 'expires_at = expires_at'],
  ])('ends when %s', async (_name, change) => {
    const found = await server()
    const token = await secretOf(api.store, `eve-${change.length}`, 'viewer', {
      expiresAt: new Date(Date.now() + 60_000),
    })
    const { cookie } = await logIn(found, token)
    expect((await found.ask('GET', status, { headers: { cookie } })).statusCode).toBe(200)
    await query(`update session set ${change} where name = 'eve-${change.length}'`)
    if (change.startsWith('expires_at = expires'))
      await query(`update token set expires_at = now() where name = 'eve-${change.length}'`)
    expect((await found.ask('GET', status, { headers: { cookie } })).statusCode).toBe(401)
  })

  test('counts as a use of itself and of its token', async () => {
    const found = await server()
    const { cookie } = await logIn(found, await secretOf(api.store, 'dora', 'viewer'))
    await query("update session set last_used_at = now() - interval '1 hour' where name = 'dora'")
    await query("update token set last_used_at = null where name = 'dora'")
    await found.ask('GET', status, { headers: { cookie } })
    const used = await query(
      "select s.last_used_at > now() - interval '1 minute' as session, t.last_used_at is not null as token from session s join token t on t.id = s.token_id where s.name = 'dora'",
    )
    expect(used).toEqual([{ session: true, token: true }])
  })

  test('ends for everybody of a name whom whoever runs Refit logs out', async () => {
    const found = await server()
    const token = await secretOf(api.store, 'gus', 'viewer')
    const cookies = [await logIn(found, token), await logIn(found, token)].map(({ cookie }) => cookie)
    const { sessions } = await listSessions({ store: api.store, config })
    expect(sessions.filter(({ name }) => name === 'gus')).toHaveLength(2)
    expect(await endSessionsOf({ store: api.store }, { name: 'gus', by: 'ops' })).toEqual({ name: 'gus', ended: 2 })
    for (const cookie of cookies) expect((await found.ask('GET', status, { headers: { cookie } })).statusCode).toBe(401)
    await expect(endSessionsOf({ store: api.store }, { name: 'gus', by: 'ops' })).rejects.toMatchObject({
      code: 'TOKEN_UNKNOWN',
    })
  })

  test('is replaced by a new login', async () => {
    const found = await server()
    const first = await logIn(found, api.secrets.viewer)
    const second = await logIn(found, api.secrets.viewer, { cookie: first.cookie })
    expect(second.cookie).not.toBe(first.cookie)
    expect((await found.ask('GET', status, { headers: { cookie: first.cookie } })).statusCode).toBe(401)
  })

  test('of a cookie that is none is nobody', async () => {
    const { ask } = await server()
    for (const cookie of [
      'refit_session=',
      'refit_session=x',
      `refit_session=${'A'.repeat(43)}`,
      `refit_session=${'x'.repeat(4_000)}`,
    ])
      expect((await ask('GET', status, { headers: { cookie } })).statusCode).toBe(401)
  })

  test('is in no answer, log or row', async () => {
    const found = await server()
    const { answer, cookie, csrf } = await logIn(found, api.secrets.viewer)
    const secret = cookie.split('=')[1] as string
    await found.ask('GET', status, { headers: { cookie } })
    const rows = JSON.stringify(await query('select * from session'))
    for (const hidden of [secret, api.secrets.viewer]) expect(answer.body + found.log() + rows).not.toContain(hidden)
    expect(found.log() + rows).not.toContain(csrf)
  })
})

describe('logging in', () => {
  test.each([
    ['without a token', {}, {}, 400],
    ['with another type', { token: 7 }, {}, 400],
    ['with a wrong token', { token: 'rft_x' }, {}, 401],
    ['with a form', 'token=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['with a text', '{"token":"x"}', { 'content-type': 'text/plain' }, 400],
    ['from a page of another site', { token: 'rft_x' }, { 'sec-fetch-site': 'cross-site' }, 403],
    ['with too much', { token: 'x'.repeat(1_100_000) }, {}, 413],
  ])('%s', async (_name, payload, headers, expected) => {
    const { app } = await server()
    const answer = await app.inject({ method: 'POST', url: '/auth/token', payload, headers })
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([expected, undefined])
  })

  test('too often with a wrong one is told to wait; a right one is still heard', async () => {
    const found = await server()
    const codes = []
    for (let i = 0; i < 12; i += 1) codes.push((await logIn(found, 'rft_x')).answer.statusCode)
    expect(codes).toEqual([...Array(10).fill(401), 429, 429])
    expect((await logIn(found, api.secrets.viewer)).answer.statusCode).toBe(200)
  })
})

test('one person is told to wait after so many requests, and others are not', async () => {
  const session = { lifetimeMs: 43_200_000, idleMs: 7_200_000 }
  const { ask } = await server({ server: { session, requestsPerMinute: 3 } })
  const codes = []
  for (let i = 0; i < 4; i += 1) codes.push((await ask('GET', '/api/v1/me', { token: api.secrets.viewer })).statusCode)
  expect(codes).toEqual([200, 200, 200, 429])
  const last = await ask('GET', '/api/v1/me', { token: api.secrets.admin })
  expect([last.statusCode, Number(last.headers['retry-after']) > 0]).toEqual([429, true])
  const other = await ask('GET', '/api/v1/me', { token: await secretOf(api.store, 'mallory', 'viewer') })
  expect(other.statusCode).toBe(200)
})
