import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig, settingsOf } from '../../src/config'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'refit-settings-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const env = {
  HOOK: 'https://hooks.example.org/T0/S3CRET-1/',
  KEY: 'S3CRET-0123456789',
  TOKEN: 'rft_S3CRET',
  USER: 'bot',
  PASS: 'S3CRET-2',
  PROMETHEUS: 'https://u:S3CRET-3@prometheus.example.org',
  REGION: 'eu',
}
const text = `
hub: { name: green-hub, environment: test }
registries:
  - { host: registry.example.org, auth: { env: { username: "\${USER}", password: "\${PASS}" } } }
policies:
  - name: core
    select: { namespaces: [hub], images: ["*/hub/*", "\${REGION}/*"] }
    minimumAge: 24h
    health: [ { prometheus: "\${PROMETHEUS}", query: "up{a='$$\{b}'}", max: 1 } ]
alerts:
  - slack: "\${HOOK}"
  - { webhook: "https://alerts.example.org/x", signedWith: "\${KEY}" }
hubs: [ { name: staging, url: "https://staging.example.org", token: "\${TOKEN}" } ]
webhooks: [ { kind: quay, secret: "\${KEY}" } ]
heartbeat: "\${HOOK}"
`

const settings = () => {
  const file = join(folder, 'refit.yaml')
  writeFileSync(file, text)
  return settingsOf(loadConfig({ file, env }), { file, env })
}

test('the file is shown as it is understood, with defaults', () => {
  expect(settings()).toMatchObject({
    hub: { name: 'green-hub', environment: 'test' },
    policies: [{ name: 'core', mode: 'watch', strategy: 'bugfix', minimumAgeMs: 86_400_000 }],
    people: [],
  })
})

test('whatever the environment fills in is shown as its reference', () => {
  const shown = JSON.stringify(settings())
  expect(shown).not.toMatch(/S3CRET|hooks\.example\.org/)
  expect(settings()).toMatchObject({
    registries: [{ auth: { env: { username: '${USER}', password: '${PASS}' } } }],
    alerts: [{ slack: '${HOOK}' }, { signedWith: '${KEY}' }],
    hubs: [{ token: '${TOKEN}' }],
    webhooks: [{ secret: '${KEY}' }],
    heartbeat: '${HOOK}',
    policies: [{ select: { images: ['*/hub/*', '${REGION}/*'] } }],
  })
})

test('a file that is gone has no settings', () => {
  const file = join(folder, 'refit.yaml')
  writeFileSync(file, text)
  const config = loadConfig({ file, env })
  expect(settingsOf(config, { file: join(folder, 'gone.yaml'), env })).toBeUndefined()
})
