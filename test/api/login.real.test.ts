import { createToken, revokeToken } from '../../src/operations/tokens'
import { secretOf } from '../support/tokens'
import { codeOf, ledger, type Method, openRealApi, people, type RealApi, realServer, status } from './real-api'
import type { Scope } from '../../src/domain/people'

let api: RealApi
let store: RealApi['store']
let secrets: RealApi['secrets']
let planHash: string
const server = (script?: Parameters<typeof realServer>[1]) => realServer(api, script)

beforeAll(async () => {
  api = await openRealApi()
  ;({ store, secrets, planHash } = api)
})
afterAll(() => api.databases.remove())

describe('who asks', () => {
  test('is whose token it is', async () => {
    const { ask } = await server()
    const answer = await ask('GET', '/api/v1/me', { token: secrets.viewer })
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { name: 'ana', groups: ['tech-ops'], scope: 'viewer', via: 'token' },
    ])
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test.each<[string, (secret: string) => Record<string, string>, boolean]>([
    ['nothing', () => ({}), false],
    ['an empty header', () => ({ authorization: '' }), false],
    [
      'another scheme',
      (secret) => ({ authorization: `Basic ${Buffer.from(`ana:${secret}`).toString('base64')}` }),
      true,
    ],
    ['the bare secret', (secret) => ({ authorization: secret }), true],
    ['two secrets', (secret) => ({ authorization: `Bearer ${secret} ${secret}` }), true],
    ['a secret in a cookie', (secret) => ({ cookie: `token=${secret}` }), false],
    ['a wrong secret', (secret) => ({ authorization: `Bearer ${secret.slice(0, -1)}x` }), true],
    ['no secret at all', () => ({ authorization: 'Bearer null' }), true],
    ['ten kilobytes', () => ({ authorization: `Bearer ${'x'.repeat(10_000)}` }), true],
  ])('%s is 401 and says how to log in', async (_name, headersOf, isInvalid) => {
    const { ask, log } = await server()
    const answer = await ask('GET', status, { headers: headersOf(secrets.admin) })
    expect([answer.statusCode, codeOf(answer)]).toEqual([401, 'UNAUTHENTICATED'])
    expect(answer.headers['www-authenticate']).toBe(`Bearer realm="refit"${isInvalid ? ', error="invalid_token"' : ''}`)
    expect(answer.body + log()).not.toContain(secrets.admin)
  })

  test('an expired and a revoked token are 401 in the words for one that never was', async () => {
    const { ask } = await server()
    const bodies = [
      await secretOf(store, 'ana', 'admin', { expiresAt: new Date(Date.now() - 1_000) }),
      await revoked(),
      `rft_${'A'.repeat(43)}00000000`,
    ].map((token) => ask('GET', status, { token }))
    expect(new Set((await Promise.all(bodies)).map(({ body, statusCode }) => `${statusCode} ${body}`)).size).toBe(1)
  })

  test('a header larger than 16 KiB is refused by the server itself', async () => {
    const { app } = await server()
    await app.listen({ port: 0, host: '127.0.0.1' })
    const address = app.server.address() as { port: number }
    const answer = await fetch(`http://127.0.0.1:${address.port}${status}`, {
      headers: { authorization: `Bearer ${'x'.repeat(17_000)}` },
    })
    expect(answer.status).toBe(431)
  })

  test('wrong tokens are told to wait after ten; a right one from there is still heard', async () => {
    const { ask, log } = await server()
    const wrong = `rft_${'A'.repeat(43)}00000000`
    const codes = []
    for (let i = 0; i < 12; i += 1) codes.push((await ask('GET', status, { token: wrong })).statusCode)
    expect(codes).toEqual([...Array(10).fill(401), 429, 429])
    const last = await ask('GET', status, { token: wrong })
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0)
    expect((await ask('GET', status, { token: secrets.viewer })).statusCode).toBe(200)
    expect(log()).toContain('login failed')
    expect(log()).not.toContain(wrong)
  })

  test('behind a trusted proxy each address has its own limit; of anybody else it is made up', async () => {
    const session = { lifetimeMs: 60_000, idleMs: 60_000 }
    const limits = (trustedProxies?: string[]) => ({
      session,
      requestsPerMinute: 1_000,
      ...(trustedProxies ? { trustedProxies } : {}),
    })
    const spend = async (trustedProxies?: string[]) => {
      const { ask } = await realServer(api, {}, { server: limits(trustedProxies) })
      const from = async (address: string) =>
        (await ask('GET', status, { token: 'wrong', headers: { 'x-forwarded-for': address } })).statusCode
      for (let i = 0; i < 10; i += 1) await from('192.0.2.1')
      return [await from('192.0.2.1'), await from('192.0.2.2')]
    }
    expect(await spend(['127.0.0.1'])).toEqual([429, 401])
    expect(await spend()).toEqual([429, 429])
  })

  test('no browser of another site is let in', async () => {
    const { ask } = await server()
    const answer = await ask('GET', status, { token: secrets.viewer, headers: { origin: 'https://evil.example' } })
    expect(Object.keys(answer.headers).filter((name) => /^access-control|^set-cookie/.test(name))).toEqual([])
  })
})

describe('what a scope may do', () => {
  const reason = 'because'
  test.each<[Method, string, unknown, Scope]>([
    ['GET', status, undefined, 'viewer'],
    ['GET', ledger, undefined, 'viewer'],
    ['POST', `${ledger}/request`, {}, 'approver'],
    ['POST', `${ledger}/approve`, {}, 'approver'],
    ['POST', `${ledger}/reject`, { reason }, 'approver'],
    ['POST', `${ledger}/withdraw`, undefined, 'approver'],
    ['POST', `${ledger}/snooze`, { until: '2030-01-01T00:00:00Z' }, 'approver'],
    ['POST', `${ledger}/pause`, { reason }, 'operator'],
    ['POST', `${ledger}/resume`, undefined, 'operator'],
    ['POST', `${ledger}/abort`, { reason }, 'operator'],
  ])('%s %s', async (method, path, said, needs) => {
    const { ask, sent } = await server()
    const body = said && /request|approve/.test(path) ? { planHash } : said
    expect((await ask(method, path, { body })).statusCode).toBe(401)
    const allowed = []
    for (const scope of ['viewer', 'approver', 'operator', 'admin'] as const) {
      const answer = await ask(method, path, { token: secrets[scope], body })
      if (answer.statusCode === 200) allowed.push(scope)
      else {
        expect([answer.statusCode, codeOf(answer)]).toEqual([403, 'FORBIDDEN'])
        expect(answer.headers['www-authenticate']).toContain(`error="insufficient_scope", scope="${needs}"`)
      }
    }
    expect(allowed[0]).toBe(needs)
    expect(allowed.at(-1)).toBe('admin')
    expect(sent).toHaveLength(method === 'POST' ? allowed.length : 0)
  })

  test('a body is not even read for whoever may not speak', async () => {
    const { ask } = await server()
    expect((await ask('POST', `${ledger}/approve`, { body: { planHash: 7 } })).statusCode).toBe(401)
  })
})

test('the status is what refit status prints, and has the plan that waits', async () => {
  const { ask } = await server()
  const all = (await ask('GET', status, { token: secrets.viewer })).json<{ services: object[] }>()
  expect(all.services).toMatchObject([{ namespace: 'hub', service: 'ledger', upgrade: { planHash, outcome: null } }])
  const one = (await ask('GET', ledger, { token: secrets.viewer })).json<{ plan: { hash: string; lines: string[] } }>()
  expect(one.plan.hash).toBe(planHash)
  expect(one.plan.lines.join('\n')).toContain('hub/ledger: v1.0.0 → v1.0.1')
  const nobody = await ask('GET', '/api/v1/services/hub/nobody', { token: secrets.viewer })
  expect([nobody.statusCode, codeOf(nobody)]).toEqual([404, 'SERVICE_UNKNOWN'])
})

test('no answer, log or row has a secret', async () => {
  const { ask, log } = await server()
  const answers = [await ask('GET', status, { token: secrets.viewer }), await ask('GET', '/openapi.json')]
  const rows = await api.databases.query<object>(api.url, 'select * from token, vote')
  for (const secret of Object.values(secrets))
    expect(answers.map(({ body }) => body).join() + log() + JSON.stringify(rows)).not.toContain(secret)
})

async function revoked(): Promise<string> {
  const made = await createToken(
    { store, config: { people } },
    { name: 'ana', scope: 'admin', expiresAt: null, by: 'me' },
  )
  await revokeToken({ store }, { id: made.id, by: 'me' })
  return made.secret
}
