import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../src/config'
import { settingsOf } from '../../src/config/settings'
import { identitySigners, keySigner } from '../support/signer'
import { messageOf, policy } from './support'

const folder = mkdtempSync(join(tmpdir(), 'refit-signatures-'))
afterAll(() => rmSync(folder, { recursive: true }))

const { pem, rule } = keySigner()
const privateKey = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
})
const edwards = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' })
const issuer = 'https://accounts.example.org'
const keyless = (file: string) =>
  `    signatures: [{ cosign: { keyless: { issuer: "${issuer}", identity: "ci@example.org", trustedRoot: ${file} } } }]`
const key = (value: string) => `    signatures: [{ cosign: { key: ${JSON.stringify(value)} } }]`

test('keys and roots are read from files beside refit.yaml, or stand in it', async () => {
  const { trustedRoot } = await identitySigners()
  writeFileSync(join(folder, 'cosign.pub'), pem)
  writeFileSync(join(folder, 'root.json'), trustedRoot)
  const file = join(folder, 'refit.yaml')
  writeFileSync(
    file,
    policy(`    signatures:
      - cosign: { key: cosign.pub }
      - cosign: { key: "\${PUBLIC_KEY}" }
      - cosign: { keyless: { issuer: "${issuer}", identity: "ci@example.org", trustedRoot: root.json } }`),
  )
  const env = { PUBLIC_KEY: pem }
  const config = loadConfig({ file, env })
  expect(config.policies[0]?.signatures).toMatchObject([
    rule,
    rule,
    { kind: 'keyless', issuer, identity: 'ci@example.org', trustedRoot },
  ])
  const shown = JSON.stringify(settingsOf(config, { file, env }))
  expect(shown).toContain(`cosign key sha256:${rule.sha256}`)
  expect(shown).not.toContain('BEGIN PUBLIC KEY')
  expect(shown).not.toContain('certificateAuthorities')
})

test.each<[string, string, string]>([
  ['an empty list', '    signatures: []', 'signatures must have at least one, or be left out'],
  ['a rule of no kind', '    signatures: [{ notation: x }]', 'notation is not a known key'],
  [
    'neither key nor keyless',
    '    signatures: [{ cosign: {} }]',
    'must be { key } or { keyless: { issuer, identity, trustedRoot } }',
  ],
  ['a file that is not there', key('nowhere.pub'), "cosign.key can't be read (ENOENT)"],
  ['no key', key('-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----'), 'cosign.key must be a public key in PEM'],
  ['a private key', key(privateKey.toString()), 'cosign.key must be a public key, and this is a private one'],
  ['another kind of key', key(edwards.toString()), 'cosign.key must be an ECDSA or RSA key'],
  ['a root that is not there', keyless('nowhere.json'), "trustedRoot can't be read (ENOENT)"],
  ['no root', keyless('package.json'), 'trustedRoot must be a trusted_root.json with a certificate authority'],
])('refused: %s', (_, text, message) => {
  const said = messageOf(policy(text))
  expect(said).toContain(message)
  expect(said).not.toContain('BEGIN PRIVATE')
})
