import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hostLimits } from '../../src/clients/registry'
import { exchanged } from '../../src/clients/registry/credentials/azure'
import { ecrCredential } from '../../src/clients/registry/credentials/ecr'
import type { Endpoint } from '../../src/clients/registry/endpoint'
import { createPolite } from '../../src/clients/registry/polite'
import { createTransport } from '../../src/clients/registry/transport'
import { answerWith, startServer, type TestServer } from './registry-server'

const host = 'registry.example.org'
const secret = 'S3CRET'
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const basic = (username: string, password: string) => ({ kind: 'basic', username, password })

let folder: string
let server: TestServer
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'refit-clouds-'))
  server = await startServer()
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await server.close()
})

const endpoint = (auth: Endpoint['auth'], more: Partial<Endpoint> = {}): Endpoint => ({
  repository: `${host}/hub/ledger`,
  host,
  origin: `https://${host}`,
  path: 'hub/ledger',
  perSecond: 0,
  auth,
  ...more,
})

describe('clouds', () => {
  const saved = { ...process.env }
  afterEach(() => {
    process.env = { ...saved }
  })

  test("Amazon ECR's token, in the protocol of its API", async () => {
    process.env.AWS_ENDPOINT_URL_ECR = `http://${server.host}`
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: secret,
      AWS_EC2_METADATA_DISABLED: 'true',
    })
    const seen: (string | string[] | undefined)[] = []
    server.answer((request, response) => {
      seen.push(request.headers['x-amz-target'], request.headers.authorization)
      const expiresAt = Date.now() / 1_000 + 43_200
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
      response.end(
        JSON.stringify({
          authorizationData: [{ authorizationToken: base64('AWS:token'), expiresAt, proxyEndpoint: 'x' }],
        }),
      )
    })
    const at = endpoint({ kind: 'ecr' }, { host: '123456789012.dkr.ecr.eu-west-1.amazonaws.com' })
    expect(await ecrCredential(at)).toMatchObject({
      credential: { ...basic('AWS', 'token'), registryOnly: true },
      goodForMs: 21_600_000,
    })
    expect(seen[0]).toBe('AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken')
    expect(seen[1]).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIA\/\d{8}\/eu-west-1\/ecr\//)

    server.answer(answerWith(400, JSON.stringify({ __type: 'InvalidParameterException', message: secret })))
    const error = await ecrCredential(at).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'REGISTRY_UNAVAILABLE', message: expect.stringContaining('Amazon ECR') })
    expect(String(error)).not.toContain(secret)
  })

  test('an ECR host without a region needs one', async () => {
    await expect(ecrCredential(endpoint({ kind: 'ecr' }))).rejects.toMatchObject({ code: 'REGISTRY_REFUSED' })
  })

  test("Google's token, from the machine's metadata server", async () => {
    server.answer((request, response) => {
      response.setHeader('metadata-flavor', 'Google')
      if (request.url?.includes('/token'))
        response
          .setHeader('content-type', 'application/json')
          .end('{"access_token":"ya29.x","expires_in":3600,"token_type":"Bearer"}')
      else response.end('x')
    })
    const env = { PATH: process.env.PATH, HOME: folder, CLOUDSDK_CONFIG: folder, GCE_METADATA_HOST: server.host }
    const main = join(__dirname, 'google-token-main.ts')
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', main], { env, timeout: 30_000 })
    expect(JSON.parse(stdout)).toEqual({ ...basic('oauth2accesstoken', 'ya29.x'), registryOnly: true })
  })

  describe("Azure's token is exchanged at the registry", () => {
    const transport = createTransport()
    const polite = createPolite(transport, hostLimits(), () => undefined)
    afterAll(() => transport.close())
    const at = (): Endpoint => endpoint({ kind: 'azure' }, { host: server.host, origin: `http://${server.host}` })

    test('for a refresh token that goes nowhere else', async () => {
      let body = ''
      server.answer((request, response) => {
        request.on('data', (chunk: Buffer) => (body += chunk.toString()))
        request.on('end', () => response.end('{"refresh_token":"refresh"}'))
      })
      expect(await exchanged(at(), 'aad', polite)).toEqual({ kind: 'identity', token: 'refresh', registryOnly: true })
      expect(server.requests).toEqual(['POST /oauth2/exchange'])
      expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
        grant_type: 'access_token',
        service: server.host,
        access_token: 'aad',
      })
    })

    test.each([
      [401, '', 'REGISTRY_REFUSED'],
      [200, '<html>', 'REGISTRY_BAD_ANSWER'],
      [200, 'null', 'REGISTRY_BAD_ANSWER'],
      [404, '', 'REGISTRY_BAD_ANSWER'],
    ])('%i %p is %s', async (status, body, code) => {
      server.answer(answerWith(status, body))
      await expect(exchanged(at(), 'aad', polite)).rejects.toMatchObject({ code })
    })
  })
})
