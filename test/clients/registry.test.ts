import { createHash } from 'node:crypto'
import { createRegistry, hostLimits } from '../../src/clients/registry'
import { endpoints } from '../../src/clients/registry/endpoint'
import { answerWith, startServer, type TestServer } from './registry-server'

const digest = `sha256:${'a'.repeat(64)}`
const registry = createRegistry({ registries: [], limits: hostLimits() })
let server: TestServer
let repository: string

beforeAll(async () => {
  server = await startServer()
  repository = `${server.host}/hub/ledger`
})
afterAll(() => server.close())

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
    ['a manifest that does not hash to its digest', {}, '{"schemaVersion":2}'],
    ['another kind of digest', { 'docker-content-digest': `sha512:${'a'.repeat(128)}` }, ''],
    ['a digest that is none', { 'docker-content-digest': 'sha256:../../etc' }, ''],
  ])('%s is a bad answer', async (_name, headers, body) => {
    server.answer((request, response) =>
      response.writeHead(200, request.method === 'GET' ? { 'docker-content-digest': digest } : headers).end(body),
    )
    await expect(registry.digestOf(repository, 'v1')).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' })
  })

  test.each([
    [500, 'REGISTRY_UNAVAILABLE'],
    [401, 'REGISTRY_REFUSED'],
    [302, 'REGISTRY_BAD_ANSWER'],
  ])('%i is %s', async (status, code) => {
    server.answer(answerWith(status, '', { location: '/elsewhere' }))
    await expect(registry.digestOf(repository, 'v1')).rejects.toMatchObject({ code })
  })
})

describe('where a repository is read', () => {
  const endpointOf = endpoints([
    { host: 'plain.example.org:5000', insecure: true, requestsPerSecond: 10 },
    { host: '127.0.0.1:5443', insecure: false, requestsPerSecond: 3 },
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
  ])('%s', (name, origin, path) => expect(endpointOf(name)).toMatchObject({ origin, path }))

  test.each(['', 'Hub/Ledger', 'a/b:tag', 'a/../b', 'http://a/b'])('%p is no repository', (name) =>
    expect(() => endpointOf(name)).toThrow('is not the name of a repository'),
  )
})
