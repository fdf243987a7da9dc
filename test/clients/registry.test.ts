import { createHash } from 'node:crypto'
import { allTags } from '../../src/clients/all-tags'
import { createRegistry, noLimits } from '../../src/clients/registry'
import { endpoints } from '../../src/clients/registry/endpoint'
import { answerWith, startServer, type TestServer } from './registry-server'

const digest = `sha256:${'a'.repeat(64)}`
const registry = createRegistry({ registries: [], limits: noLimits })
let server: TestServer
let repository: string

beforeAll(async () => {
  server = await startServer()
  repository = `${server.host}/hub/ledger`
})
afterAll(() => server.close())

const list = (...tags: unknown[]): string => JSON.stringify({ name: 'hub/ledger', tags })

describe('listTags', () => {
  test('asks for big pages and follows them on the same host', async () => {
    server.answer((request, response) => {
      const last = new URL(request.url ?? '', 'http://x').searchParams.get('last')
      if (last === null) response.setHeader('link', '</v2/hub/ledger/tags/list?n=1000&last=v1.0.0>; rel="next"')
      response.end(last === null ? list('v1.0.0') : list('v1.0.0', 'v1.0.1'))
    })
    expect(await registry.listTags(repository)).toMatchObject({ tags: ['v1.0.0', 'v1.0.1'] })
    expect(server.requests).toEqual([
      'GET /v2/hub/ledger/tags/list?n=1000',
      'GET /v2/hub/ledger/tags/list?n=1000&last=v1.0.0',
    ])
  })

  test('a page without angle brackets, and among other links, is found', async () => {
    server.answer((request, response) => {
      if (!request.url?.includes('page=2'))
        response.setHeader('link', '</help>; rel="help", /v2/hub/ledger/tags/list?page=2; rel=next')
      response.end(list(request.url?.includes('page=2') ? 'v2.0.0' : 'v1.0.0'))
    })
    expect((await allTags(registry, repository)).tags).toEqual(['v1.0.0', 'v2.0.0'])
  })

  test('a repository whose tags are all gone has none', async () => {
    server.answer(answerWith(200, '{"name":"hub/ledger","tags":null}'))
    expect(await registry.listTags(repository)).toMatchObject({ tags: [] })
  })

  test.each([
    ['500', 500, 'oops', 'REGISTRY_UNAVAILABLE', 'answered 500'],
    ['429', 429, 'slow down', 'REGISTRY_UNAVAILABLE', 'Retry-After: 30'],
    ['404', 404, '{"errors":[{"code":"NAME_UNKNOWN"}]}', 'REGISTRY_NOT_FOUND', 'has no'],
    ['401', 401, '', 'REGISTRY_REFUSED', 'wants credentials'],
    ['403', 403, '', 'REGISTRY_REFUSED', 'wants credentials'],
    ['a redirect', 307, '', 'REGISTRY_BAD_ANSWER', 'redirects (307)'],
    ['HTML', 200, '<html>\n<title>Log in</title>', 'REGISTRY_BAD_ANSWER', 'seen: <html> <title>Log in</title>'],
    ['half JSON', 200, '{"name":"hub/ledger","tags":["v1.0', 'REGISTRY_BAD_ANSWER', 'did not answer with JSON'],
    ['a JSON list', 200, '["v1.0.0"]', 'REGISTRY_BAD_ANSWER', 'JSON object'],
    ['no list of tags', 200, '{"tags":{"v1.0.0":1}}', 'REGISTRY_BAD_ANSWER', 'no list of tags'],
    ['a tag that is no text', 200, '{"tags":["v1.0.0",7]}', 'REGISTRY_BAD_ANSWER', 'something else than text'],
  ])('%s', async (_name, status, body, code, message) => {
    server.answer(answerWith(status, body, { location: 'http://169.254.169.254/', 'retry-after': '30' }))
    await expect(registry.listTags(repository)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
      retryable: code === 'REGISTRY_UNAVAILABLE',
      ...(code === 'REGISTRY_UNAVAILABLE' ? { retryAfterMs: 30_000 } : {}),
    })
    expect(server.requests).toHaveLength(1)
  })

  test.each([
    ['another host', 'http://169.254.169.254/v2/hub/ledger/tags/list?last=a'],
    ['another scheme', 'https://HOST/v2/hub/ledger/tags/list?last=a'],
    ['another repository', '/v2/hub/secret/tags/list?last=a'],
    ['a path that climbs out', '/v2/hub/ledger/tags/list/../../../../../metrics'],
    ['a user in the address', 'http://me:pw@HOST/v2/hub/ledger/tags/list?last=a'],
    ['nothing that is an address', 'http://['],
  ])('a next page at %s is refused and not asked', async (_name, target) => {
    server.answer(answerWith(200, list('v1.0.0'), { link: `<${target.replace('HOST', server.host)}>; rel="next"` }))
    await expect(registry.listTags(repository)).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' })
    expect(server.requests).toHaveLength(1)
  })

  test('pages that go round in a circle end with an error', async () => {
    server.answer(answerWith(200, list('v1.0.0'), { link: '</v2/hub/ledger/tags/list?n=1000>; rel="next"' }))
    await expect(registry.listTags(repository)).rejects.toMatchObject({ message: expect.stringContaining('circle') })
    expect(server.requests).toHaveLength(1)
  })

  test('pages without end stop after 200', async () => {
    let page = 0
    server.answer((_request, response) => {
      response.setHeader('link', `</v2/hub/ledger/tags/list?page=${++page}>; rel="next"`).end(list(`v1.0.${page}`))
    })
    await expect(registry.listTags(repository)).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' })
    expect(server.requests).toHaveLength(200)
  })

  test('a body without end is cut off', async () => {
    let sent = 0
    server.answer((_request, response) => {
      const more = (): void => {
        sent += 1_048_576
        if (!response.destroyed && sent < 200 * 1_048_576)
          response.write(' '.repeat(1_048_576), () => setImmediate(more))
      }
      more()
    })
    await expect(registry.listTags(repository)).rejects.toMatchObject({
      code: 'REGISTRY_BAD_ANSWER',
      message: expect.stringContaining('more than 8 MiB'),
    })
    expect(sent).toBeLessThan(64 * 1_048_576)
  })

  test('a registry that does not answer is given up after 10 s', async () => {
    server.answer(() => undefined)
    const begun = Date.now()
    await expect(registry.listTags(repository)).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('within 10 s'),
    })
    expect(Date.now() - begun).toBeGreaterThan(9_000)
  }, 15_000)

  test('a registry that stops in the middle of its answer is unavailable', async () => {
    server.answer((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"tags":')
      setTimeout(() => response.destroy(), 20)
    })
    await expect(registry.listTags(repository)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
  })

  test('nobody listens: the message names host and reason', async () => {
    const gone = await startServer()
    await gone.close()
    await expect(registry.listTags(`${gone.host}/hub/ledger`)).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      message: `${gone.host} can't be read for ${gone.host}/hub/ledger: ECONNREFUSED.`,
    })
  })

  test("the caller's signal ends it with the caller's reason", async () => {
    server.answer(() => undefined)
    const controller = new AbortController()
    const reason = new Error('cancelled')
    setTimeout(() => controller.abort(reason), 20)
    await expect(registry.listTags(repository, { signal: controller.signal })).rejects.toBe(reason)
  })
})

describe('digestOf', () => {
  test('is the digest that a HEAD of the manifest names, asked with all media types', async () => {
    let accept: string | undefined
    server.answer((request, response) => {
      accept = request.headers.accept
      response.writeHead(200, { 'docker-content-digest': digest }).end()
    })
    expect(await registry.digestOf(repository, 'v1.0.0')).toBe(digest)
    expect(server.requests).toEqual(['HEAD /v2/hub/ledger/manifests/v1.0.0'])
    for (const type of ['oci.image.index', 'manifest.list.v2', 'oci.image.manifest', 'distribution.manifest.v2'])
      expect(accept).toContain(type)
  })

  test('a tag that does not exist has none', async () => {
    server.answer(answerWith(404, ''))
    expect(await registry.digestOf(repository, 'v9')).toBeUndefined()
  })

  test.each([200, 405])('without the header (HEAD says %i) the manifest is fetched and hashed', async (status) => {
    const manifest = '{"schemaVersion":2,"config":{}}'
    server.answer((request, response) => response.writeHead(request.method === 'HEAD' ? status : 200).end(manifest))
    const expected = `sha256:${createHash('sha256').update(manifest).digest('hex')}`
    expect(await registry.digestOf(repository, 'v1.0.0')).toBe(expected)
  })

  test.each([
    ['a page instead of a manifest', {}, '<html>'],
    ['JSON that is no manifest', {}, '{}'],
    ['another kind of digest', { 'docker-content-digest': `sha512:${'a'.repeat(128)}` }, ''],
    ['a digest that is none', { 'docker-content-digest': 'sha256:../../etc' }, ''],
  ])('%s is a bad answer', async (_name, headers, body) => {
    server.answer(answerWith(200, body, headers))
    await expect(registry.digestOf(repository, 'v1')).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' })
  })

  test.each([
    [503, 'REGISTRY_UNAVAILABLE'],
    [401, 'REGISTRY_REFUSED'],
    [302, 'REGISTRY_BAD_ANSWER'],
  ])('%i is %s', async (status, code) => {
    server.answer(answerWith(status, '', { location: '/elsewhere' }))
    await expect(registry.digestOf(repository, 'v1')).rejects.toMatchObject({ code })
  })
})

describe('where a repository is read', () => {
  const endpointOf = endpoints([
    { host: 'plain.example.org:5000', insecure: true },
    { host: '127.0.0.1:5443', insecure: false },
  ])
  test.each([
    ['registry.example.org/hub/ledger', 'https://registry.example.org', 'hub/ledger'],
    ['plain.example.org:5000/hub/ledger', 'http://plain.example.org:5000', 'hub/ledger'],
    ['plain.example.org/hub/ledger', 'https://plain.example.org', 'hub/ledger'],
    ['127.0.0.1:5000/hub/ledger', 'http://127.0.0.1:5000', 'hub/ledger'],
    ['127.0.0.1:5443/hub/ledger', 'https://127.0.0.1:5443', 'hub/ledger'],
    ['localhost:5000/a', 'http://localhost:5000', 'a'],
    ['127.0.0.1.example.org/a', 'https://127.0.0.1.example.org', 'a'],
    ['docker.io/library/redis', 'https://registry-1.docker.io', 'library/redis'],
    ['redis', 'https://registry-1.docker.io', 'library/redis'],
    ['mojaloop/central-ledger', 'https://registry-1.docker.io', 'mojaloop/central-ledger'],
  ])('%s', (name, base, path) => expect(endpointOf(name)).toEqual({ base, path }))

  test.each(['', 'Hub/Ledger', 'a/b:tag', 'a/../b', 'http://a/b'])('%p is no repository', (name) =>
    expect(() => endpointOf(name)).toThrow('is not the name of a repository'),
  )
})
