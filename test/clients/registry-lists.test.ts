import { allTags } from '../../src/clients/all-tags'
import { createRegistry, hostLimits } from '../../src/clients/registry'
import { answerWith, startServer, type TestServer } from './registry-server'

const registry = createRegistry({ registries: [], limits: hostLimits() })
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
        response.setHeader('link', ['</help>; rel="help"', '/v2/hub/ledger/tags/list?page=2; rel=next'])
      response.end(list(request.url?.includes('page=2') ? 'v2.0.0' : 'v1.0.0'))
    })
    expect((await allTags(registry, repository)).tags).toEqual(['v1.0.0', 'v2.0.0'])
  })

  test('a repository whose tags are all gone has none', async () => {
    server.answer(answerWith(200, '{"name":"hub/ledger","tags":null}'))
    expect(await registry.listTags(repository)).toMatchObject({ tags: [] })
  })

  test('an empty list is an empty list', async () => {
    server.answer(answerWith(200, list()))
    expect(await registry.listTags(repository)).toMatchObject({ tags: [] })
  })

  test('what is no tag is left out and counted', async () => {
    const odd = ['x'.repeat(10_240), '', '-v1', '../etc', 'v1\n', 'ä', 'x'.repeat(129)]
    server.answer(answerWith(200, list('v1.0.0', ...odd, 'x'.repeat(128))))
    expect(await registry.listTags(repository)).toMatchObject({ tags: ['v1.0.0', 'x'.repeat(128)], dropped: 7 })
  })

  test('the same list again is unchanged; another one is read', async () => {
    server.answer(answerWith(200, list('v1.0.0')))
    const known = await allTags(registry, repository)
    expect(await registry.listTags(repository, { known })).toBe('unchanged')
    expect(await registry.listTags(repository, { known: { hash: 'another' } })).toEqual(known)
    server.answer(answerWith(200, list('v1.0.0', 'v1.0.1')))
    expect(await registry.listTags(repository, { known })).toMatchObject({ tags: ['v1.0.0', 'v1.0.1'] })
  })

  test('a list with an ETag is asked for conditionally', async () => {
    server.answer((request, response) => {
      if (request.headers['if-none-match'] === '"abc"') response.writeHead(304).end()
      else response.writeHead(200, { etag: '"abc"' }).end(list('v1.0.0'))
    })
    const known = await allTags(registry, repository)
    expect(known.etag).toBe('"abc"')
    expect(await registry.listTags(repository, { known })).toBe('unchanged')
    expect(server.requests).toHaveLength(2)
  })

  test.each<[string, number, Record<string, string>]>([
    ['may be a full page', 100, { etag: '"abc"' }],
    ['has more pages', 7, { etag: '"abc"', link: '</v2/hub/ledger/tags/list?page=2>; rel="next"' }],
    ['has an ETag that is none', 7, { etag: 'abc' }],
  ])('a list that %s is never asked for conditionally', async (_name, count, headers) => {
    const tags = Array.from({ length: count }, (_, index) => `v1.0.${index}`)
    server.answer((request, response) =>
      response.writeHead(200, request.url?.includes('page=2') ? {} : headers).end(list(...tags)),
    )
    expect((await allTags(registry, repository)).etag).toBeUndefined()
  })

  test('304 to a question without a condition is a bad answer', async () => {
    server.answer(answerWith(304, ''))
    await expect(registry.listTags(repository)).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' })
  })

  test('reads of one repository at the same time are one request; one that leaves does not end the others', async () => {
    server.answer((_request, response) => void setTimeout(() => response.end(list('v1.0.0')), 50))
    const leaving = new AbortController()
    const left = expect(registry.listTags(repository, { signal: leaving.signal })).rejects.toThrow('gone')
    const stayed = [
      registry.listTags(repository),
      registry.listTags(repository, { signal: new AbortController().signal }),
    ]
    leaving.abort(new Error('gone'))
    await left
    expect(await Promise.all(stayed)).toMatchObject([{ tags: ['v1.0.0'] }, { tags: ['v1.0.0'] }])
    expect(server.requests).toHaveLength(1)
  })

  test('what does not speak HTTP is a bad answer', async () => {
    server.answer((_request, response) => void response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n'))
    await expect(registry.listTags(repository)).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' })
  })

  test.each([
    ['404', 404, '{"errors":[{"code":"NAME_UNKNOWN"}]}', 'REGISTRY_NOT_FOUND', 'has no'],
    ['401', 401, '', 'REGISTRY_REFUSED', "isn't given without credentials"],
    ['403', 403, '', 'REGISTRY_REFUSED', "isn't given without credentials"],
    ['a redirect', 307, '', 'REGISTRY_BAD_ANSWER', 'redirects (307)'],
    ['HTML', 200, '<html>\n<title>Log in</title>', 'REGISTRY_BAD_ANSWER', 'seen: <html> <title>Log in</title>'],
    ['half JSON', 200, '{"name":"hub/ledger","tags":["v1.0', 'REGISTRY_BAD_ANSWER', 'did not answer with JSON'],
    ['a JSON list', 200, '["v1.0.0"]', 'REGISTRY_BAD_ANSWER', 'JSON object'],
    ['no list of tags', 200, '{"tags":{"v1.0.0":1}}', 'REGISTRY_BAD_ANSWER', 'no list of tags'],
    ['a tag that is no text', 200, '{"tags":["v1.0.0",7]}', 'REGISTRY_BAD_ANSWER', 'something else than text'],
  ])('%s', async (_name, status, body, code, message) => {
    server.answer(answerWith(status, body, { location: 'http://169.254.169.254/' }))
    await expect(registry.listTags(repository)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
      retryable: false,
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

  test('a list of more than 50,000 tags is refused', async () => {
    const tags = Array.from({ length: 50_001 }, (_, index) => `v1.0.${index}`)
    server.answer(answerWith(200, list(...tags)))
    await expect(registry.listTags(repository)).rejects.toMatchObject({
      code: 'REGISTRY_BAD_ANSWER',
      message: expect.stringContaining('more than 50000 tags'),
    })
  })

  test('pages that come to more than 8 MiB are refused', async () => {
    let page = 0
    server.answer((_request, response) => {
      response
        .setHeader('link', `</v2/hub/ledger/tags/list?page=${++page}>; rel="next"`)
        .end(list(`v1.0.${page}`).padEnd(3 * 1_048_576))
    })
    await expect(registry.listTags(repository)).rejects.toMatchObject({
      message: expect.stringContaining('more than 8 MiB'),
    })
    expect(server.requests).toHaveLength(3)
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
