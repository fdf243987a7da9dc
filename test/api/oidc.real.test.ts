import { createHmac } from 'node:crypto'
import { exportSPKI } from 'jose'
import { createOidcProvider } from '../../src/clients/oidc'
import type { OidcRules } from '../../src/config'
import { audience, createBrowser, refitOrigin, startProvider, type TestProvider } from '../support/oidc'
import { codeOf, ledger, openRealApi, type RealApi, realServer, status } from './real-api'

let api: RealApi
let provider: TestProvider

beforeAll(async () => {
  ;[api, provider] = await Promise.all([openRealApi(), startProvider()])
})
afterAll(async () => {
  await provider.stop()
  await api.databases.remove()
})

const session = { lifetimeMs: 43_200_000, idleMs: 7_200_000 }

/** A server that knows the provider; `changed` is laid over what refit.yaml says of it. */
async function server(changed: Partial<OidcRules> = {}) {
  const rules = { ...provider.rules, ...changed }
  return realServer(
    api,
    {},
    {
      server: { url: refitOrigin, session, requestsPerMinute: 1_000, oidc: rules },
      oidc: createOidcProvider(rules, refitOrigin),
    },
  )
}

async function loggedIn(account: string, changed: Partial<OidcRules> = {}) {
  const found = await server(changed)
  const browser = createBrowser(found.app)
  const back = await browser.atProvider(account)
  return { ...found, browser, back, answer: await browser.send(back.pathname + back.search) }
}

const host = 'refit.example.org'

describe('a login at the provider', () => {
  test('leads back to where the person was, as whom the provider names, with the rights of their groups', async () => {
    const { app, ask } = await server()
    const browser = createBrowser(app)
    const back = await browser.atProvider('ana', '/auth/oidc?next=/upgrades/7?tab=logs')
    expect(await browser.send(back.pathname + back.search)).toMatchObject({
      status: 303,
      location: '/upgrades/7?tab=logs',
    })
    const headers = { cookie: browser.cookie(), host }
    expect(headers.cookie).toMatch(/^__Host-refit_session=[\w-]{43}$/)
    expect((await ask('GET', '/api/v1/session', { headers })).json()).toMatchObject({
      oidc: true,
      person: { name: 'ana@example.org', groups: ['ops', 'tech-ops'], scope: 'operator', via: 'oidc' },
      csrf: expect.stringMatching(/^[\w-]{43}$/),
    })
  })

  test('makes votes that say so', async () => {
    const { ask, browser, app, sent } = await loggedIn('ana')
    const headers = { cookie: browser.cookie(), host }
    const { csrf } = (await app.inject({ url: '/api/v1/session', headers })).json<{ csrf: string }>()
    const body = { planHash: api.planHash, reason: 'looks good' }
    expect((await ask('POST', `${ledger}/approve`, { headers, body })).statusCode).toBe(403)
    const said = await ask('POST', `${ledger}/approve`, { headers: { ...headers, 'x-csrf-token': csrf }, body })
    expect([said.statusCode, said.json()]).toEqual([
      200,
      expect.objectContaining({ by: 'ana@example.org', verified: true }),
    ])
    const { voteId } = said.json<{ voteId: string }>()
    expect(await api.store.votes.read(voteId)).toMatchObject({ via: 'oidc', groups: ['ops', 'tech-ops'] })
    expect(sent).toHaveLength(1)
  })

  test('counts with what refit.yaml says now', async () => {
    const { browser } = await loggedIn('ana')
    const headers = { cookie: browser.cookie(), host }
    const scopeIn = async (scopes: OidcRules['scopes']) => {
      const { ask } = await server({ scopes })
      return (await ask('GET', '/api/v1/session', { headers })).json<{ person: { scope: string } | null }>().person
        ?.scope
    }
    expect(await scopeIn({ admin: ['tech-ops'] })).toBe('admin')
    expect(await scopeIn({ viewer: ['*'] })).toBe('viewer')
    expect(await scopeIn({ admin: ['others'] })).toBeUndefined()
  })

  test.each([
    ['is in no group that may do anything', 'vic', { scopes: { operator: ['ops'] } }, 403, 'is in none of the groups'],
    ['has an address that nobody confirmed', 'eve', {}, 401, 'has not confirmed that ana@example.org'],
    ['has no name there', 'nemo', {}, 401, 'tells no email'],
  ])('is refused to somebody who %s', async (_name, account, changed, expected, words) => {
    const { answer, browser } = await loggedIn(account, changed)
    expect(answer.status).toBe(expected)
    expect(answer.body).toContain(words)
    expect(browser.cookie()).toBe('')
  })

  test('ends where the person gives up there', async () => {
    const { app } = await server()
    const browser = createBrowser(app)
    const back = await browser.cancel()
    const answer = await browser.send(back.pathname + back.search)
    expect([answer.status, answer.body]).toEqual([401, expect.stringContaining('did not let you in (access_denied)')])
    expect(answer.body).toContain('<a href="/auth/oidc">Log in again</a>')
  })

  test('is not to be repeated, and not to be ended by another browser', async () => {
    const { app, browser, back } = await loggedIn('ana')
    const path = back.pathname + back.search
    expect((await browser.send(path)).status).toBe(401)
    const other = createBrowser(app)
    expect((await other.send(path)).status).toBe(401)
    // With a login of its own under way, the answer of another one is none to it.
    await other.follow('/auth/oidc', (url) => url.origin !== refitOrigin)
    const answer = await other.send(path)
    expect([answer.status, answer.body]).toEqual([401, expect.stringContaining('did not let you in')])
  })

  test('with a code that somebody else got is refused', async () => {
    const { app } = await server()
    const [victim, thief] = [createBrowser(app), createBrowser(app)]
    const theirs = await victim.atProvider('ana')
    const own = await thief.atProvider('vic')
    own.searchParams.set('code', theirs.searchParams.get('code') ?? '')
    expect((await thief.send(own.pathname + own.search)).status).toBe(401)
  })

  test('leaves no secret behind', async () => {
    const { log, browser, back } = await loggedIn('ana')
    const rows = JSON.stringify(await api.databases.query(api.url, 'select * from session, audit'))
    const secrets = [
      provider.rules.clientSecret,
      back.searchParams.get('code') ?? 'x',
      browser.cookie().split('=')[1] ?? 'x',
    ]
    for (const secret of secrets) expect(log() + rows).not.toContain(secret)
  })
})

test('while the provider is away nobody new gets in, and who is in stays', async () => {
  const before = await loggedIn('ana')
  const headers = { cookie: before.browser.cookie(), host }
  await provider.stop()
  const { app, ask, log } = await server()
  const page = await createBrowser(app).send('/auth/oidc')
  expect([page.status, page.body]).toEqual([503, expect.stringContaining('The OIDC provider can not be asked now')])
  const program = await createBrowser(app, { accept: 'application/json' }).send('/auth/oidc')
  expect(JSON.parse(program.body)).toMatchObject({ code: 'OIDC_UNAVAILABLE', status: 503 })
  expect((await ask('GET', status, { headers })).statusCode).toBe(200)
  expect((await ask('GET', status, { token: api.secrets.viewer })).statusCode).toBe(200)
  expect((await ask('GET', status, { token: await provider.sign(claims()) })).statusCode).toBe(503)
  expect(log()).not.toContain(provider.rules.clientSecret)
  await provider.start()
  const browser = createBrowser(app)
  const back = await browser.atProvider('ana')
  expect((await browser.send(back.pathname + back.search)).status).toBe(303)
})

test('a Refit without a provider has no such login', async () => {
  const { ask } = await realServer(api)
  for (const path of ['/auth/oidc', '/auth/oidc/callback']) expect((await ask('GET', path)).statusCode).toBe(404)
})

test('one address may not keep on asking the provider', async () => {
  const { app } = await server()
  const codes = new Set<number>()
  for (let i = 0; i < 61; i += 1) codes.add((await app.inject('/auth/oidc/callback')).statusCode)
  expect([...codes]).toEqual([401, 429])
})

const now = (): number => Math.floor(Date.now() / 1_000)
const claims = () => ({
  ...{ iss: provider.rules.issuer, aud: audience, sub: 'robot', exp: now() + 60, iat: now() },
  ...{ email: 'robot@example.org', groups: ['ops'] },
})

describe('an access token of the provider', () => {
  test('is taken for whom it names', async () => {
    const { ask } = await server()
    const answer = await ask('GET', '/api/v1/me', { token: await provider.sign(claims()) })
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { name: 'robot@example.org', groups: ['ops'], scope: 'operator', via: 'oidc' },
    ])
  })

  test.each<[string, (given: ReturnType<typeof claims>) => Promise<string> | string]>([
    ['for somebody else', (given) => provider.sign({ ...given, aud: 'https://other.example.org' })],
    ['for the page, as ID tokens are', (given) => provider.sign({ ...given, aud: 'refit' })],
    ['of another issuer', (given) => provider.sign({ ...given, iss: 'https://evil.example' })],
    ['that is over', (given) => provider.sign({ ...given, exp: now() - 60 })],
    ['that is not yet', (given) => provider.sign({ ...given, nbf: now() + 600 })],
    ['without an end', ({ exp: _exp, ...given }) => provider.sign(given)],
    ['without a subject', ({ sub: _sub, ...given }) => provider.sign(given)],
    ['without a name', ({ email: _email, ...given }) => provider.sign(given)],
    ['of another type', (given) => provider.sign(given, { typ: 'logout+jwt' })],
    ['of a key that nobody knows', (given) => provider.sign(given, { kid: 'nobody' })],
    ['that nobody signed', (given) => `${coded({ alg: 'none', typ: 'at+jwt' })}.${coded(given)}.x`],
    ['signed with the public key', (given) => signedWithPublicKey(given)],
    ['that was changed', async (given) => changed(await provider.sign(given))],
  ])('%s is refused', async (_name, tokenOf) => {
    const { ask } = await server()
    const answer = await ask('GET', '/api/v1/me', { token: await tokenOf(claims()) })
    expect([answer.statusCode, codeOf(answer)]).toEqual([401, 'UNAUTHENTICATED'])
  })

  test('whose groups may do nothing is 403', async () => {
    const { ask } = await server()
    const answer = await ask('GET', '/api/v1/me', { token: await provider.sign({ ...claims(), groups: ['others'] }) })
    expect([answer.statusCode, codeOf(answer)]).toEqual([403, 'FORBIDDEN'])
  })

  test('is none where refit.yaml names no audience', async () => {
    const { ask } = await server({ audience: undefined })
    expect((await ask('GET', '/api/v1/me', { token: await provider.sign(claims()) })).statusCode).toBe(401)
  })
})

const coded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

async function signedWithPublicKey(given: object): Promise<string> {
  const signed = `${coded({ alg: 'HS256', kid: 'of-the-tests', typ: 'at+jwt' })}.${coded(given)}`
  return `${signed}.${createHmac('sha256', await exportSPKI(provider.publicKey))
    .update(signed)
    .digest('base64url')}`
}

function changed(token: string): string {
  const [head, , signature] = token.split('.')
  return `${head}.${coded({ ...claims(), groups: ['ops', 'admins'] })}.${signature}`
}
