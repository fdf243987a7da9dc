import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PullSecrets } from '../../src/clients/contracts'
import { createCredentials } from '../../src/clients/registry/credentials'
import { inlineCredential, parseDockerConfig } from '../../src/clients/registry/credentials/docker-config'
import type { Endpoint } from '../../src/clients/registry/endpoint'
import { RefitError } from '../../src/domain/errors'

const host = 'registry.example.org'
const secret = 'S3CRET'
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const basic = (username: string, password = secret) => ({ kind: 'basic', username, password })

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'refit-credentials-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const endpoint = (auth: Endpoint['auth'], more: Partial<Endpoint> = {}): Endpoint => ({
  repository: `${host}/hub/ledger`,
  host,
  origin: `https://${host}`,
  path: 'hub/ledger',
  perSecond: 0,
  auth,
  ...more,
})

const credentials = (environment: NodeJS.ProcessEnv = {}, secrets?: PullSecrets) =>
  createCredentials({ secrets, environment, polite: () => Promise.reject(new Error('nothing is asked')) })

const write = (name: string, text: string, mode = 0o600): string => {
  const file = join(folder, name)
  writeFileSync(file, text)
  chmodSync(file, mode)
  return file
}

describe("Docker's configuration", () => {
  test.each<[string, object, unknown]>([
    ['auth', { [host]: { auth: base64(`u:${secret}`) } }, basic('u')],
    ['a password with colons', { [host]: { auth: base64('u:a:b') } }, basic('u', 'a:b')],
    ['username and password', { [host]: { username: 'u', password: secret } }, basic('u')],
    ['an address', { [`https://${host}/v1/`]: { auth: base64(`u:${secret}`) } }, basic('u')],
    ['an identity token', { [host]: { identitytoken: secret } }, { kind: 'identity', token: secret }],
    ['a registry token', { [host]: { registrytoken: secret } }, { kind: 'bearer', token: secret }],
    ['a glob', { '*.example.org': { auth: base64(`u:${secret}`) } }, basic('u')],
    [
      'a part of the registry',
      { [host]: { auth: base64('a:b') }, [`${host}/hub`]: { auth: base64('c:d') } },
      basic('c', 'd'),
    ],
    ['another part of it', { [`${host}/hub2`]: { auth: base64('c:d') } }, undefined],
    ['another host', { 'other.example.org': { auth: base64('c:d') } }, undefined],
    ['a host that ends alike', { 'evil-registry.example.org.evil': { auth: base64('c:d') } }, undefined],
    ['a glob that is too short', { '*.org': { auth: base64('c:d') } }, undefined],
    ['nothing in the entry', { [host]: {} }, undefined],
    ['no password', { [host]: { auth: base64('user') } }, undefined],
    ['nonsense', { [host]: { auth: 7 } }, undefined],
  ])('%s', (_name, auths, expected) => {
    const config = parseDockerConfig(JSON.stringify({ auths }))
    expect(config && inlineCredential(config, host, 'hub/ledger')).toEqual(expected)
  })

  test("Docker Hub's old address is Docker Hub", () => {
    const config = parseDockerConfig(
      JSON.stringify({ auths: { 'https://index.docker.io/v1/': { auth: base64('a:b') } } }),
    )
    expect(config && inlineCredential(config, 'docker.io', 'library/redis')).toEqual(basic('a', 'b'))
  })

  test.each(['', 'null', '[]', '{', '"x"'])('%p is none', (text) => expect(parseDockerConfig(text)).toBeUndefined())

  test('is read where Docker keeps it, or at the path', async () => {
    const file = write('config.json', JSON.stringify({ auths: { [host]: { auth: base64(`u:${secret}`) } } }))
    const here = { kind: 'dockerConfig', path: undefined } as const
    const found = await credentials({ DOCKER_CONFIG: folder }).of(endpoint(here), {})
    expect(found.credential).toEqual(basic('u'))
    const there = { kind: 'dockerConfig', path: file } as const
    expect((await credentials().of(endpoint(there), {})).credential).toEqual(basic('u'))
  })

  test.each<[string, string | undefined]>([
    ['is not there', undefined],
    ['is broken', `{"auths":{"${host}":{"auth":"${secret}"`],
  ])('a file that %s is an error without its content', async (name, text) => {
    const path = text === undefined ? join(folder, 'none.json') : write(`${name}.json`, text)
    const error = await credentials()
      .of(endpoint({ kind: 'dockerConfig', path }), {})
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'REGISTRY_REFUSED', message: expect.stringContaining(path) })
    expect(String(error)).not.toContain(secret)
  })
})

describe('a credential helper', () => {
  const script = (name: string, body: string) => write(`docker-credential-${name}`, `#!/bin/sh\n${body}\n`, 0o700)
  const of = (config: object, environment: NodeJS.ProcessEnv = {}) => {
    const path = write('helpers.json', JSON.stringify(config))
    return credentials({ PATH: `${folder}:${process.env.PATH}`, ...environment }).of(
      endpoint({ kind: 'dockerConfig', path }),
      {},
    )
  }

  test('is asked with the host on its input, and nothing else on its command line', async () => {
    script('good', `read host; printf '{"ServerURL":"x","Username":"%s %s","Secret":"${secret}"}' "$*" "$host"`)
    expect((await of({ credHelpers: { [host]: 'good' } })).credential).toEqual(basic(`get ${host}`))
    expect((await of({ credsStore: 'good', auths: { [host]: {} } })).credential).toEqual(basic(`get ${host}`))
    expect((await of({ credHelpers: { 'other.example.org': 'good' } })).credential).toBeUndefined()
  })

  test('may give an identity token, or know nothing', async () => {
    script('token', `printf '{"Username":"<token>","Secret":"${secret}"}'`)
    expect((await of({ credsStore: 'token' })).credential).toEqual({ kind: 'identity', token: secret })
    script('empty', 'echo "credentials not found in native keychain"; exit 1')
    expect((await of({ credsStore: 'empty' })).credential).toBeUndefined()
  })

  test.each<[string, string, string, string]>([
    ['fails', 'failing', `echo ${secret}; echo ${secret} >&2; exit 3`, 'docker-credential-failing failed (3)'],
    ['talks nonsense', 'odd', `echo ${secret}`, 'docker-credential-odd did not answer with JSON'],
    [
      'writes without end',
      'endless',
      `while :; do echo ${secret}${'x'.repeat(500)}; done`,
      'docker-credential-endless failed',
    ],
  ])('that %s is an error without its output', async (_name, name, body, message) => {
    script(name, body)
    const error = await of({ credsStore: name }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ message: expect.stringContaining(message) })
    expect(String(error)).not.toContain(secret)
  })

  test.each(['../evil', 'a b', 'x;touch y', '$(id)', '-rf', ''])('is never run by the name %p', async (name) => {
    const result = await of({ credHelpers: { [host]: name } }).catch((thrown: unknown) => thrown)
    if (name === '') expect(result).toMatchObject({ credential: undefined })
    else expect(result).toMatchObject({ code: 'REGISTRY_REFUSED' })
  })

  test('that is not installed is named', async () => {
    await expect(of({ credsStore: 'nowhere' })).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      message: expect.stringContaining('there is no program docker-credential-nowhere'),
    })
  })
})

describe('Secrets of the cluster', () => {
  const text = (user: string, at = host) => JSON.stringify({ auths: { [at]: { auth: base64(`${user}:${secret}`) } } })
  const secrets = (kept: Record<string, string>): PullSecrets => ({
    dockerConfig: jest.fn((namespace: string, name: string) => Promise.resolve(kept[`${namespace}/${name}`])),
  })
  const named = { kind: 'secretRef', namespace: 'refit', name: 'registry' } as const
  const asWorkloads = { kind: 'imagePullSecrets' } as const

  test('a Secret that refit.yaml names', async () => {
    const found = await credentials({}, secrets({ 'refit/registry': text('u') })).of(endpoint(named), {})
    expect(found.credential).toEqual(basic('u'))
  })

  test('those that the workloads name, the first that has the host', async () => {
    const kept = secrets({ 'hub/a': text('a', 'other.example.org'), 'hub/b': text('b'), 'hub/c': text('c') })
    const pullSecrets = ['gone', 'a', 'b', 'c'].map((name) => ({ namespace: 'hub', name }))
    const known = credentials({}, kept)
    expect((await known.of(endpoint(asWorkloads), { pullSecrets })).credential).toEqual(basic('b'))
    expect((await known.of(endpoint(asWorkloads), { pullSecrets })).credential).toEqual(basic('b'))
    expect(kept.dockerConfig).toHaveBeenCalledTimes(3)
  })

  test("one service's Secrets aren't used for another's", async () => {
    const known = credentials({}, secrets({ 'hub/a': text('a'), 'fx/a': text('z') }))
    const of = async (namespace: string) =>
      (await known.of(endpoint(asWorkloads), { pullSecrets: [{ namespace, name: 'a' }] })).credential
    expect([await of('hub'), await of('fx')]).toEqual([basic('a'), basic('z')])
    expect((await known.of(endpoint(asWorkloads), {})).credential).toBeUndefined()
  })

  test('a helper that a Secret names is not run', async () => {
    write('docker-credential-evil', `#!/bin/sh\ntouch ${folder}/run\n`, 0o700)
    const kept = secrets({ 'refit/registry': JSON.stringify({ credsStore: 'evil', credHelpers: { [host]: 'evil' } }) })
    const found = await credentials({ PATH: folder }, kept).of(endpoint(named), {})
    expect(found.credential).toBeUndefined()
  })

  test.each<[string, PullSecrets | undefined, string]>([
    ['may not be read', failing('KUBERNETES_FORBIDDEN'), 'REGISTRY_REFUSED'],
    ["can't be read now", failing('KUBERNETES_UNAVAILABLE'), 'REGISTRY_UNAVAILABLE'],
    ['are not to be had here', undefined, 'REGISTRY_REFUSED'],
  ])('that %s', async (_name, kept, code) => {
    await expect(credentials({}, kept).of(endpoint(named), {})).rejects.toMatchObject({
      code,
      message: expect.stringContaining('Secret refit/registry'),
    })
  })

  function failing(code: 'KUBERNETES_FORBIDDEN' | 'KUBERNETES_UNAVAILABLE'): PullSecrets {
    return { dockerConfig: () => Promise.reject(new RefitError(code, 'no', 'Try again.')) }
  }
})
