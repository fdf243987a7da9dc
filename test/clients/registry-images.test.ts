import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRegistry, hostLimits } from '../../src/clients/registry'
import { startServer, type TestServer } from './registry-server'

let server: TestServer
let storage: TestServer
let repository: string
beforeAll(async () => {
  server = await startServer()
  storage = await startServer()
  repository = `${server.host}/hub/ledger`
})
afterAll(() => Promise.all([server.close(), storage.close()]))

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

/** Content by digest, as a registry keeps it. */
function content() {
  const kept = new Map<string, string>()
  const keep = (value: unknown): string => {
    const text = JSON.stringify(value)
    kept.set(sha256(text), text)
    return sha256(text)
  }
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const text = kept.get(/sha256:[0-9a-f]{64}$/.exec(request.url ?? '')?.[0] ?? '')
    if (text === undefined) response.writeHead(404).end()
    else response.end(text)
  }
  return { keep, answer, kept }
}

const labels = {
  'org.opencontainers.image.source': 'https://github.com/mojaloop/central-ledger',
  'org.opencontainers.image.revision': 'abc123',
  'org.opencontainers.image.version': '19.0.0',
  'org.opencontainers.image.title': 'central-ledger',
  'org.opencontainers.image.documentation': 'https://example.org/CHANGELOG.md',
}
const config = { os: 'linux', architecture: 'amd64', created: '2026-03-01T10:00:00Z', config: { Labels: labels } }
const said = {
  source: 'https://github.com/mojaloop/central-ledger',
  revision: 'abc123',
  version: '19.0.0',
  title: 'central-ledger',
  changelog: 'https://example.org/CHANGELOG.md',
  created: Date.UTC(2026, 2, 1, 10),
}
const manifestOf = (configDigest: string, more: object = {}) => ({
  schemaVersion: 2,
  config: { digest: configDigest, size: 10 },
  layers: [],
  ...more,
})

let registry: ReturnType<typeof createRegistry>
beforeEach(() => (registry = createRegistry({ registries: [], limits: hostLimits() })))
afterEach(() => registry.close())

describe('how an image wants to be run', () => {
  const image = {
    ...config,
    config: {
      ...{ WorkingDir: '/opt/app', User: 'node', Entrypoint: ['node'], Cmd: ['app.js'] },
      ExposedPorts: { '3001/tcp': {}, '53/udp': {}, '9229': {}, odd: {} },
    },
  }
  const read = {
    ...{ platforms: ['linux/amd64'], workingDir: '/opt/app', user: 'node', entrypoint: ['node'], cmd: ['app.js'] },
    ports: [3001, 9229],
  }

  test('is read from its config, once', async () => {
    const { keep, answer } = content()
    const digest = keep(manifestOf(keep(image)))
    server.answer(answer)
    expect(await registry.imageContract(repository, digest)).toEqual(read)
    expect(await registry.imageContract(repository, digest)).toEqual(read)
    expect(server.requests).toHaveLength(2)
  })

  test('of an index from one of its images, with the platforms of all', async () => {
    const { keep, answer } = content()
    const manifests = [
      { digest: keep(manifestOf(keep(image))), platform: { os: 'linux', architecture: 'amd64' } },
      { digest: sha256('x'), platform: { os: 'linux', architecture: 'arm64' } },
    ]
    const digest = keep({ schemaVersion: 2, manifests })
    server.answer(answer)
    expect(await registry.imageContract(repository, digest)).toEqual({
      ...read,
      platforms: ['linux/amd64', 'linux/arm64'],
    })
  })

  const nothing = { platforms: [], workingDir: '/', user: '', entrypoint: [], cmd: [], ports: [] }
  test.each([
    ['says nothing', {}],
    ['says nonsense', { config: { WorkingDir: 7, User: null, Entrypoint: 'sh', Cmd: [1], ExposedPorts: [] } }],
  ])('a config that %s is that of an image without any', async (_, said) => {
    const { keep, answer } = content()
    const digest = keep(manifestOf(keep(said)))
    server.answer(answer)
    expect(await registry.imageContract(repository, digest)).toEqual(nothing)
  })

  test('is undefined where there is no such image; a digest that is none is refused', async () => {
    server.answer(content().answer)
    expect(await registry.imageContract(repository, sha256('gone'))).toBeUndefined()
    await expect(registry.imageContract(repository, 'v1')).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' })
  })
})

describe('what an image says of itself', () => {
  test('a single manifest: the platform, date and labels of its config', async () => {
    const { keep, answer } = content()
    const digest = keep(manifestOf(keep(config)))
    server.answer(answer)
    expect(await registry.imageFacts(repository, digest)).toEqual({ digest, platforms: ['linux/amd64'], ...said })
    expect(server.requests).toHaveLength(2)
  })

  test('an index: all its platforms without attestations, and the config of one', async () => {
    const { keep, answer } = content()
    const child = keep(manifestOf(keep(config)))
    const other = keep(manifestOf(keep({ ...config, architecture: 'arm64' })))
    const digest = keep({
      schemaVersion: 2,
      manifests: [
        { digest: other, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
        { digest: child, platform: { os: 'linux', architecture: 'amd64' } },
        { digest: sha256('x'), platform: { os: 'unknown', architecture: 'unknown' } },
        { digest: 'sha256:none', platform: { os: 'linux', architecture: 's390x' } },
        null,
      ],
    })
    server.answer(answer)
    expect(await registry.imageFacts(repository, digest)).toEqual({
      digest,
      platforms: ['linux/arm64/v8', 'linux/amd64'],
      ...said,
    })
    expect(server.requests).toHaveLength(3)
  })

  test('is asked once: the same digest says the same', async () => {
    const { keep, answer } = content()
    const digest = keep(manifestOf(keep(config)))
    server.answer(answer)
    const facts = await registry.imageFacts(repository, digest)
    expect(await registry.imageFacts(repository, digest)).toEqual(facts)
    expect(server.requests).toHaveLength(2)
  })

  test('annotations count where labels are missing', async () => {
    const { keep, answer } = content()
    const annotations = {
      'org.opencontainers.image.version': '1.2.3',
      'org.opencontainers.image.created': '2026-01-01',
    }
    const digest = keep(manifestOf(keep({ os: 'linux', architecture: 'amd64' }), { annotations }))
    server.answer(answer)
    expect(await registry.imageFacts(repository, digest)).toEqual({
      digest,
      platforms: ['linux/amd64'],
      version: '1.2.3',
      created: Date.UTC(2026, 0, 1),
    })
  })

  test('text is one clean line of bounded length; a changelog is a link; the epoch is no date', async () => {
    const { keep, answer } = content()
    const Labels = {
      'org.opencontainers.image.title': `a\u0000b\u202e\nc${'x'.repeat(100_000)}`,
      'org.opencontainers.image.source': 7,
      'org.label-schema.vcs-url': `https://example.org/${'y'.repeat(9_000)}`,
      changelog: 'javascript:alert(1)',
    }
    const digest = keep(manifestOf(keep({ os: 'linux', created: '1970-01-01T00:00:00Z', config: { Labels } })))
    server.answer(answer)
    const facts = await registry.imageFacts(repository, digest)
    expect(facts?.title).toMatch(/^a b cx+$/)
    expect(facts).toMatchObject({ platforms: [], source: expect.stringMatching(/^https:\/\/example\.org\/y+$/) })
    expect(facts?.changelog).toBeUndefined()
    expect(facts?.created).toBeUndefined()
    expect(JSON.stringify(facts).length).toBeLessThan(4_096)
  })

  test('an image that does not exist has none', async () => {
    server.answer(content().answer)
    expect(await registry.imageFacts(repository, sha256('x'))).toBeUndefined()
  })

  test.each<[string, (kept: Map<string, string>, digest: string, configDigest: string) => void]>([
    ['a manifest that is another one', (kept, digest) => kept.set(digest, '{"schemaVersion":2}')],
    ['a config that is another one', (kept, _digest, configDigest) => kept.set(configDigest, '{}')],
  ])('%s is a bad answer', async (_name, change) => {
    const { keep, answer, kept } = content()
    const configDigest = keep(config)
    const digest = keep(manifestOf(configDigest))
    change(kept, digest, configDigest)
    server.answer(answer)
    await expect(registry.imageFacts(repository, digest)).rejects.toMatchObject({
      code: 'REGISTRY_BAD_ANSWER',
      message: expect.stringContaining('does not hash to its digest'),
    })
  })

  test('what is no digest is not asked for', async () => {
    server.answer(content().answer)
    await expect(registry.imageFacts(repository, '../../v2')).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' })
    expect(server.requests).toEqual([])
  })
})

describe('a config in storage elsewhere', () => {
  /** A registry that redirects blobs, and what reaches the storage. */
  function redirecting(to: (digest: string) => string) {
    const { keep, answer, kept } = content()
    const configDigest = keep(config)
    const digest = keep(manifestOf(configDigest))
    server.answer((request, response) => {
      if (request.url?.includes('/blobs/')) response.writeHead(307, { location: to(configDigest) }).end()
      else answer(request, response)
    })
    return { digest, text: kept.get(configDigest) ?? '', configDigest }
  }

  test('is read there, without credentials', async () => {
    const { digest, text } = redirecting((blob) => `http://${storage.host}/bucket/${blob}?signature=x`)
    const headers: object[] = []
    storage.answer((request, response) => {
      headers.push(request.headers)
      response.end(text)
    })
    expect(await registry.imageFacts(repository, digest)).toMatchObject(said)
    expect(headers).toHaveLength(1)
    expect(headers[0]).not.toHaveProperty('authorization')
  })

  test('is not followed any further', async () => {
    const { digest } = redirecting((blob) => `http://${storage.host}/bucket/${blob}`)
    storage.answer((_request, response) => response.writeHead(302, { location: `http://${storage.host}/again` }).end())
    await expect(registry.imageFacts(repository, digest)).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' })
    expect(storage.requests).toHaveLength(1)
  })

  test.each([
    ['a link-local address', 'http://169.254.169.254/latest/meta-data'],
    ['a private address', 'http://10.1.2.3/blob'],
    ['a private address by https', 'https://192.168.1.1/blob'],
    ['a local name of IPv6', 'https://[fd00::1]/blob'],
    ['an address written as a number', 'http://2852039166/'],
    ['another scheme', 'file:///etc/passwd'],
    ['a user in the address', 'https://me:pw@127.0.0.1/'],
    ['nothing', 'http://['],
  ])('to %s is refused and not asked', async (_name, location) => {
    const { digest } = redirecting(() => location)
    await expect(registry.imageFacts(repository, digest)).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' })
    expect(server.requests).toHaveLength(2)
  })
})
