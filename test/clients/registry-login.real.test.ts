import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createHash, createSign, generateKeyPairSync, randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashSync } from 'bcryptjs'
import { allTags } from '../../src/clients/all-tags'
import { createRegistry, hostLimits } from '../../src/clients/registry'
import type { RegistryRules } from '../../src/config'
import { startRealRegistry, type RealRegistry } from './real-registry'
import { startServer, type TestServer } from './registry-server'

const user = 'robot'
const password = 'S3CRET-pass:word'
const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const env = { kind: 'env', username: user, password } as const

const clientOf = (host: string, auth?: RegistryRules['auth'], environment: NodeJS.ProcessEnv = {}) =>
  createRegistry({
    registries: [{ host, insecure: true, requestsPerSecond: 0, auth }],
    limits: hostLimits(),
    environment,
  })

const digestOf = (tag: string): string =>
  `sha256:${createHash('sha256')
    .update(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.index.v1+json',
        manifests: [],
        annotations: { tag },
      }),
    )
    .digest('hex')}`

describe('a registry with a token server', () => {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = 'test-key'
  let tokenServer: TestServer
  let registry: RealRegistry
  /** what the token server gives to whoever shows this header */
  let rights: (authorization: string | undefined, path: string) => string[]
  let expiresIn: number

  beforeAll(async () => {
    tokenServer = await startServer()
    const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }
    registry = await startRealRegistry(
      {
        token: {
          realm: `http://${tokenServer.host}/token`,
          service: 'refit-test',
          issuer: 'refit-test-issuer',
          jwks: 'FOLDER/jwks.json',
          signingalgorithms: ['RS256'],
        },
      },
      { 'jwks.json': JSON.stringify({ keys: [jwk] }) },
    )
    for (const tag of ['v1.0.0', 'v1.0.1'])
      expect(await registry.push('hub/ledger', tag, `Bearer ${jwt('hub/ledger', ['pull', 'push'], 300)}`)).toBe(201)
  })
  afterAll(() => Promise.all([tokenServer?.close(), registry?.close()]))

  beforeEach(() => {
    expiresIn = 300
    rights = () => ['pull']
    tokenServer.answer((request, response) => {
      const query = new URL(request.url ?? '', 'http://x').searchParams
      const path = /^repository:(.+):pull$/.exec(query.get('scope') ?? '')?.[1] ?? ''
      const actions = query.get('service') === 'refit-test' ? rights(request.headers.authorization, path) : []
      response.end(JSON.stringify({ token: jwt(path, actions, expiresIn), expires_in: expiresIn }))
    })
  })

  function jwt(name: string, actions: string[], seconds: number): string {
    const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
    const now = Math.floor(Date.now() / 1_000)
    const claims = {
      ...{ iss: 'refit-test-issuer', sub: user, aud: 'refit-test', jti: randomUUID() },
      ...{ iat: now - 5, nbf: now - 5, exp: now + seconds },
      access: [{ type: 'repository', name, actions }],
    }
    const signed = `${encode({ typ: 'JWT', alg: 'RS256', kid })}.${encode(claims)}`
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(keys.privateKey, 'base64url')}`
  }

  test('is read anonymously, as Docker Hub and GHCR are: one 401, one token, then the token only', async () => {
    const client = clientOf(registry.host)
    expect((await allTags(client, `${registry.host}/hub/ledger`)).tags).toEqual(['v1.0.0', 'v1.0.1'])
    expect(await client.digestOf(`${registry.host}/hub/ledger`, 'v1.0.1')).toBe(digestOf('v1.0.1'))
    expect(await client.digestOf(`${registry.host}/hub/ledger`, 'v9')).toBeUndefined()
    expect(tokenServer.requests).toHaveLength(1)
    // Two for the list (401, then with the token), the token, two HEADs.
    expect(client.requests()).toEqual({ [registry.host]: 5 })
    await client.close()
  })

  test('is read with a name and password, which only its token server sees', async () => {
    rights = (authorization, path) => (authorization === basic && path === 'hub/ledger' ? ['pull'] : [])
    const client = clientOf(registry.host, env)
    expect((await allTags(client, `${registry.host}/hub/ledger`)).tags).toHaveLength(2)
    await client.close()

    const anonymous = clientOf(registry.host)
    await expect(anonymous.listTags(`${registry.host}/hub/ledger`)).rejects.toMatchObject({ code: 'REGISTRY_REFUSED' })
    expect(anonymous.requests()).toEqual({ [registry.host]: 3 })
    await anonymous.close()
  })

  test('a token that has expired is replaced without a 401', async () => {
    expiresIn = 2
    const client = clientOf(registry.host)
    await allTags(client, `${registry.host}/hub/ledger`)
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    await allTags(client, `${registry.host}/hub/ledger`)
    expect(tokenServer.requests).toHaveLength(2)
    expect(client.requests()).toEqual({ [registry.host]: 5 })
    await client.close()
  })

  test("another repository's token is of no use, so each has its own", async () => {
    rights = (_authorization, path) => (path === 'hub/ledger' ? ['pull'] : [])
    const client = clientOf(registry.host)
    await allTags(client, `${registry.host}/hub/ledger`)
    await expect(client.listTags(`${registry.host}/hub/quoting`)).rejects.toMatchObject({ code: 'REGISTRY_REFUSED' })
    expect((await allTags(client, `${registry.host}/hub/ledger`)).tags).toHaveLength(2)
    await client.close()
  })
})

describe('a registry with names and passwords', () => {
  let registry: RealRegistry
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'refit-login-'))
    registry = await startRealRegistry(
      { htpasswd: { realm: 'Registry', path: 'FOLDER/htpasswd' } },
      { htpasswd: `${user}:${hashSync(password, 5)}\n` },
    )
    expect(await registry.push('hub/ledger', 'v1.0.0', basic)).toBe(201)
  })
  afterAll(async () => {
    await registry?.close()
    rmSync(folder, { recursive: true })
  })

  const write = (name: string, text: string, mode = 0o600): string => {
    const file = join(folder, name)
    writeFileSync(file, text)
    chmodSync(file, mode)
    return file
  }
  const read = async (auth?: RegistryRules['auth'], environment?: NodeJS.ProcessEnv) => {
    const client = clientOf(registry.host, auth, environment)
    try {
      return [
        (await allTags(client, `${registry.host}/hub/ledger`)).tags,
        await client.digestOf(`${registry.host}/hub/ledger`, 'v1.0.0'),
      ]
    } finally {
      await client.close()
    }
  }
  const all = () => [['v1.0.0'], digestOf('v1.0.0')]

  test('is read with those of the environment', async () => expect(await read(env)).toEqual(all()))

  test('is read with those of a Docker configuration', async () => {
    const auth = basic.slice('Basic '.length)
    const path = write('config.json', JSON.stringify({ auths: { [registry.host]: { auth } } }))
    expect(await read({ kind: 'dockerConfig', path })).toEqual(all())
  })

  test('is read with those of a credential helper', async () => {
    const answer = JSON.stringify({ ServerURL: registry.host, Username: user, Secret: password })
    const script = `#!/bin/sh\nread host\n[ "$host" = "${registry.host}" ] || exit 1\necho '${answer}'\n`
    write('docker-credential-test', script, 0o700)
    const path = write('helper.json', JSON.stringify({ credHelpers: { [registry.host]: 'test' } }))
    expect(await read({ kind: 'dockerConfig', path }, { PATH: `${folder}:${process.env.PATH}` })).toEqual(all())
  })

  test('refuses whoever has none, or wrong ones', async () => {
    await expect(read()).rejects.toMatchObject({ code: 'REGISTRY_REFUSED' })
    await expect(read({ ...env, password: 'wrong' })).rejects.toMatchObject({ code: 'REGISTRY_REFUSED' })
  })
})
