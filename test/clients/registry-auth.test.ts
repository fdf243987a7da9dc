import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRegistry, hostLimits } from '../../src/clients/registry'
import { allTags } from '../../src/clients/all-tags'
import type { RegistryRules } from '../../src/config'
import { answerWith, startServer, type TestServer } from './registry-server'

let server: TestServer
let tokens: TestServer
beforeAll(async () => {
  server = await startServer()
  tokens = await startServer()
})
afterAll(() => Promise.all([server.close(), tokens.close()]))

const password = 'S3CRET-pass:word'
const withAuth = (auth?: RegistryRules['auth']) =>
  createRegistry({
    registries: [{ host: server.host, insecure: true, requestsPerSecond: 0, auth }],
    limits: hostLimits(),
    environment: {},
  })
const robot = { kind: 'env', username: 'robot', password } as const
const ledger = (): string => `${server.host}/hub/ledger`
const basic = `Basic ${Buffer.from(`robot:${password}`).toString('base64')}`

/** A registry that wants a bearer token whose scope is the repository of the request. */
function wantsTokens(challenge = `Bearer realm="http://${tokens.host}/token",service="reg",scope="repository:x:push"`) {
  const seen: (string | undefined)[] = []
  server.answer((request, response) => {
    seen.push(request.headers.authorization)
    const path = /^\/v2\/(.+)\/(?:tags|manifests|blobs)\//.exec(request.url ?? '')?.[1]
    if (request.headers.authorization === `Bearer token-for-${path}`) response.end('{"tags":["v1.0.0"]}')
    else response.writeHead(401, { 'www-authenticate': challenge }).end()
  })
  return seen
}

function givesTokens(more: object = {}, check: (request: IncomingMessage) => boolean = () => true) {
  tokens.answer((request: IncomingMessage, response: ServerResponse) => {
    const scope = new URL(request.url ?? '', 'http://x').searchParams.get('scope') ?? ''
    const path = /^repository:(.+):pull$/.exec(scope)?.[1]
    if (!check(request)) response.writeHead(401).end()
    else response.end(JSON.stringify({ token: `token-for-${path}`, ...more }))
  })
}

describe('bearer tokens', () => {
  test('anonymously: asked for with the right to pull only, and reused', async () => {
    const seen = wantsTokens()
    givesTokens({ expires_in: 300 })
    const registry = withAuth()
    expect((await allTags(registry, ledger())).tags).toEqual(['v1.0.0'])
    await allTags(registry, ledger())
    expect(tokens.requests).toEqual(['GET /token?service=reg&scope=repository%3Ahub%2Fledger%3Apull'])
    expect(seen).toEqual([undefined, 'Bearer token-for-hub/ledger', 'Bearer token-for-hub/ledger'])
    await registry.close()
  })

  test('the next repository is asked at once with a token of its own', async () => {
    const seen = wantsTokens()
    givesTokens()
    const registry = withAuth()
    await allTags(registry, ledger())
    await allTags(registry, `${server.host}/hub/quoting`)
    expect(seen).toEqual([undefined, 'Bearer token-for-hub/ledger', 'Bearer token-for-hub/quoting'])
    await registry.close()
  })

  test('reads at the same time share one request for a token', async () => {
    wantsTokens()
    givesTokens({ access_token: 'unused' })
    const registry = withAuth()
    await Promise.all(Array.from({ length: 20 }, (_, index) => registry.digestOf(ledger(), `v${index}`).catch(() => 0)))
    expect(tokens.requests).toHaveLength(1)
    await registry.close()
  })

  test('a token that is about to expire is asked for again', async () => {
    wantsTokens()
    givesTokens({ expires_in: 0.001 })
    const registry = withAuth()
    await allTags(registry, ledger())
    await new Promise((resolve) => setTimeout(resolve, 20))
    await allTags(registry, ledger())
    expect(tokens.requests).toHaveLength(2)
    await registry.close()
  })

  test('a name and password go to the token server only, and to the repository goes the token', async () => {
    const seen = wantsTokens()
    const shown: (string | undefined)[] = []
    givesTokens({}, ({ headers }) => {
      shown.push(headers.authorization)
      return headers.authorization === basic
    })
    const registry = withAuth(robot)
    expect((await allTags(registry, ledger())).tags).toEqual(['v1.0.0'])
    expect(shown).toEqual([basic])
    expect(seen).toEqual([undefined, 'Bearer token-for-hub/ledger'])
    await registry.close()
  })

  test('a token that was revoked is replaced once', async () => {
    wantsTokens()
    givesTokens()
    const registry = withAuth()
    await allTags(registry, ledger())
    let asked = 0
    server.answer((_request, response) => {
      asked += 1
      if (asked === 1)
        response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${tokens.host}/token"` }).end()
      else response.end('{"tags":["v1.0.1"]}')
    })
    tokens.answer(answerWith(200, '{"access_token":"another"}'))
    expect((await allTags(registry, ledger())).tags).toEqual(['v1.0.1'])
    expect([asked, tokens.requests.length]).toEqual([2, 1])
    await registry.close()
  })

  test('a registry that never takes its own tokens is asked twice, and once for the same token again', async () => {
    server.answer(answerWith(401, '', { 'www-authenticate': `Bearer realm="http://${tokens.host}/token"` }))
    givesTokens()
    const registry = withAuth(robot)
    for (const requests of [2, 3]) {
      const error = await registry.listTags(ledger()).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'REGISTRY_REFUSED', retryable: false })
      expect(server.requests).toHaveLength(requests)
      expect(tokens.requests).toHaveLength(requests - 1)
    }
    await registry.close()
  })

  test('a token server is found by its name', async () => {
    wantsTokens(`Bearer realm="http://${tokens.host.replace('127.0.0.1', 'localhost')}/token"`)
    givesTokens()
    const registry = withAuth()
    expect((await allTags(registry, ledger())).tags).toEqual(['v1.0.0'])
    await registry.close()
  })

  test.each<[string, number, string, string]>([
    ['refuses', 401, '', 'REGISTRY_REFUSED'],
    ['answers with a page', 200, '<html>', 'REGISTRY_BAD_ANSWER'],
    ['gives a token that is none', 200, '{"token":"a\\r\\nb: c"}', 'REGISTRY_BAD_ANSWER'],
    ['gives no token', 200, '{"token":{"a":1}}', 'REGISTRY_BAD_ANSWER'],
    ['is not there', 404, '', 'REGISTRY_BAD_ANSWER'],
    ['redirects', 302, '', 'REGISTRY_BAD_ANSWER'],
    ['fails', 500, '', 'REGISTRY_UNAVAILABLE'],
    ['is busy', 429, '', 'REGISTRY_BUSY'],
  ])('a token server that %s', async (_name, status, body, code) => {
    wantsTokens()
    tokens.answer(answerWith(status, body, { location: `http://${server.host}/`, 'retry-after': '3600' }))
    const registry = withAuth(robot)
    const error = (await registry.listTags(ledger()).catch((thrown: unknown) => thrown)) as Error
    expect(error).toMatchObject({ code })
    expect(JSON.stringify([error, error.message, error.stack])).not.toContain('S3CRET')
    expect(server.requests).toHaveLength(1)
    await registry.close()
  })

  test.each([
    ['a link-local address', 'http://169.254.169.254/token'],
    ['a private address', 'http://10.0.0.1/token'],
    ['an IPv6 form of one', 'http://[::ffff:10.0.0.1]/token'],
    ['another scheme', 'ftp://127.0.0.1/token'],
    ['a user in it', 'http://me:pw@127.0.0.1/token'],
    ['nothing', ''],
  ])('a realm with %s is not asked', async (_name, realm) => {
    server.answer(answerWith(401, '', { 'www-authenticate': `Bearer realm="${realm}"` }))
    const registry = withAuth(robot)
    await expect(registry.listTags(ledger())).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' })
    expect(server.requests).toHaveLength(1)
    await registry.close()
  })

  test.each(['', 'Bearer', 'Negotiate', 'Digest realm="x"', `Bearer ${'x'.repeat(10_000)}`])(
    'a challenge that nobody can meet is a refusal: %#',
    async (challenge) => {
      server.answer(answerWith(401, '', challenge ? { 'www-authenticate': challenge } : {}))
      const registry = withAuth(robot)
      await expect(registry.listTags(ledger())).rejects.toMatchObject({ code: 'REGISTRY_REFUSED' })
      expect(server.requests).toHaveLength(1)
      await registry.close()
    },
  )
})

describe('name and password', () => {
  test('are sent once they are asked for, and from then on at once', async () => {
    const seen: (string | undefined)[] = []
    server.answer((request, response) => {
      seen.push(request.headers.authorization)
      if (request.headers.authorization === basic) response.end('{"tags":["v1.0.0"]}')
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="Registry"' }).end()
    })
    const registry = withAuth(robot)
    await allTags(registry, ledger())
    await allTags(registry, `${server.host}/hub/quoting`)
    expect(seen).toEqual([undefined, basic, basic])
    await registry.close()
  })

  test('are offered to a registry that hides from strangers what it has', async () => {
    server.answer((request, response) => {
      if (request.url === '/v2/') response.writeHead(401, { 'www-authenticate': 'Basic realm="Registry"' }).end()
      else if (request.headers.authorization === basic) response.end('{"tags":["v1.0.0"]}')
      else response.writeHead(404).end()
    })
    const registry = withAuth(robot)
    await allTags(registry, ledger())
    await allTags(registry, ledger())
    expect(server.requests).toHaveLength(4)
    await registry.close()
  })

  test('are nothing to a registry that asks nobody, which is found out once', async () => {
    server.answer((request, response) => response.writeHead(request.url === '/v2/' ? 200 : 404).end())
    const registry = withAuth(robot)
    for (const requests of [2, 3]) {
      await expect(registry.listTags(ledger())).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' })
      expect(server.requests).toHaveLength(requests)
    }
    await registry.close()
  })

  test('that are wrong are not tried for ever, and never shown', async () => {
    server.answer(answerWith(401, password, { 'www-authenticate': 'Basic realm="Registry"' }))
    const registry = withAuth(robot)
    for (const requests of [2, 3]) {
      const error = (await registry.listTags(ledger()).catch((thrown: unknown) => thrown)) as Error
      expect(error).toMatchObject({ code: 'REGISTRY_REFUSED', message: expect.stringContaining('(env)') })
      expect(JSON.stringify([error, error.message, error.stack])).not.toContain('S3CRET')
      expect(server.requests).toHaveLength(requests)
    }
    await registry.close()
  })

  test('are not sent to another host that answers in between', async () => {
    const seen: (string | undefined)[] = []
    server.answer((request, response) => {
      if (request.headers.authorization === undefined)
        response.writeHead(401, { 'www-authenticate': 'Basic realm="Registry"' }).end()
      else response.writeHead(307, { location: `http://${tokens.host}/v2/hub/ledger/tags/list` }).end()
    })
    tokens.answer((request, response) => {
      seen.push(request.headers.authorization)
      response.end('{"tags":["v9.9.9"]}')
    })
    const registry = withAuth(robot)
    await expect(registry.listTags(ledger())).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' })
    expect(seen).toEqual([])
    await registry.close()
  })
})
