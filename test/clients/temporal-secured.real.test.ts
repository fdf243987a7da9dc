import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { runCommand } from '../../demo/refit'
import { connectTemporal, connectWorker } from '../../src/clients/temporal'
import { hubTemporal } from '../../src/operations/temporal'
import { down, up, type Stack } from '../../stack'
import { type Authority, authorityOf, secureTemporal, type SecureTemporal } from '../support/secure-temporal'

const name = `test-tls-${process.pid}-${randomBytes(2).toString('hex')}`
const apiKey = 'an-API-key-0123456789'
let stack: Stack
let authority: Authority
let others: Authority
let byCertificate: SecureTemporal
let byKey: SecureTemporal
let profiles: string

beforeAll(async () => {
  const progress = () => undefined
  stack = await up({ name, node: 'simulated', parts: ['temporal'], yes: true, owner: 'npm test', progress })
  authority = await authorityOf('server', 'refit')
  others = await authorityOf('refit')
  const { address } = stack.temporal
  byCertificate = await secureTemporal(address, { authority, wantsCertificate: true })
  byKey = await secureTemporal(address, { authority, apiKey })
  profiles = authority.file('temporal.toml')
  const tls = (profile: string, from: Authority): string =>
    `[profile.${profile}.tls]\nserver_ca_cert_path = "${from.file('ca.crt')}"\n`
  const identity = (from: Authority): string =>
    `client_cert_path = "${from.file('refit.crt')}"\nclient_key_path = "${from.file('refit.key')}"\n`
  const profile = (each: string, { address: at }: SecureTemporal, more = ''): string =>
    `[profile.${each}]\naddress = "${at}"\nnamespace = "default"\n${more}`
  await writeFile(
    profiles,
    [
      profile('certificate', byCertificate) + tls('certificate', authority) + identity(authority),
      profile('no-certificate', byCertificate) + tls('no-certificate', authority),
      profile('other-certificate', byCertificate) + tls('other-certificate', authority) + identity(others),
      profile('other-authority', byCertificate) + tls('other-authority', others) + identity(authority),
      profile('key', byKey, `api_key = "${apiKey}"\n`) + tls('key', authority),
      profile('wrong-key', byKey, 'api_key = "a-wrong-API-key-9"\n') + tls('wrong-key', authority),
      profile('no-tls', byKey),
    ].join('\n'),
  )
})

afterAll(async () => {
  await byCertificate?.close()
  await byKey?.close()
  await authority?.remove()
  await others?.remove()
  await down(name, { purge: true, progress: () => undefined })
})

const env = (profile: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: authority.file(''),
  TEMPORAL_CONFIG_FILE: profiles,
  TEMPORAL_PROFILE: profile,
  ...more,
})

/** What worker and CLI see of the namespace. */
async function reached(from: NodeJS.ProcessEnv): Promise<string> {
  const client = await connectTemporal(from)
  try {
    const { connection, namespace } = await connectWorker(from)
    await connection.close()
    return `${namespace}: ${await hubTemporal(client).workers()} workers`
  } finally {
    await client.connection.close()
  }
}

test.each<[string, string]>([
  ['TLS with a certificate of its own', 'certificate'],
  ['TLS with an API key', 'key'],
])('a profile with %s leads worker, CLI and the CLI of Temporal to it', async (_, profile) => {
  await expect(reached(env(profile))).resolves.toBe('default: 0 workers')
  const args = ['operator', 'namespace', 'describe', '--namespace', 'default', '--output', 'json']
  const { code, output } = await runCommand(stack.bin.temporal, args, env(profile))
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('"default"') as string })
})

test('variables say the same without a file', async () => {
  await expect(
    reached({
      ...{ PATH: process.env.PATH, HOME: authority.file('') },
      TEMPORAL_ADDRESS: byKey.address,
      TEMPORAL_API_KEY: apiKey,
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.file('ca.crt'),
    }),
  ).resolves.toBe('default: 0 workers')
  expect(byKey.authorizations).toContain(`Bearer ${apiKey}`)
})

test.each<[string, string]>([
  ['no certificate', 'no-certificate'],
  ['a certificate of another authority', 'other-certificate'],
  ['a server of another authority', 'other-authority'],
  ['a wrong API key', 'wrong-key'],
  ['no TLS', 'no-tls'],
])(
  '%s is TEMPORAL_UNAVAILABLE, and no secret is shown',
  async (_, profile) => {
    for (const connect of [connectTemporal, connectWorker]) {
      const error = (await connect(env(profile)).catch((thrown: unknown) => thrown)) as Error
      expect(error).toMatchObject({
        code: 'TEMPORAL_UNAVAILABLE',
        message: expect.stringContaining('127.0.0.1') as string,
      })
      expect(error.message).not.toMatch(/API-key/)
    }
  },
  300_000,
)
