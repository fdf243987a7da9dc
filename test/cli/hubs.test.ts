import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openParts } from '../../src/cli/parts'
import { answer, startHttpServer } from '../support/http-server'
import { refit } from './support'

const folder = mkdtempSync(join(tmpdir(), 'refit-hubs-'))
const file = join(folder, 'hubs.yaml')
const home = join(folder, 'home')
writeFileSync(
  file,
  `green:
  config: green/refit.yaml
  kubeconfig: ~/green.kubeconfig
  temporalProfile: green
  temporalUi: https://temporal.example
  encryptionKeysFile: ~/green.keys
  databaseUrl: "\${GREEN_URL}"
blue: { server: "https://blue.example", tokenFile: /etc/blue.token }
empty:
`,
)
const env = { REFIT_HUBS: file, HOME: home, GREEN_URL: 'postgres://green' }
/** What somebody has set for another hub. */
const shell = {
  ...env,
  DATABASE_URL: 'postgres://other',
  REFIT_TOKEN: 'rft_other',
  REFIT_SERVER: 'https://other.example',
  REFIT_CONFIG: 'other.yaml',
  REFIT_KUBECONFIG: 'other.kubeconfig',
  TEMPORAL_ADDRESS: 'other:7233',
  TEMPORAL_CONFIG_FILE: '/etc/temporal.toml',
  REFIT_ENCRYPTION_KEYS: 'of another hub',
  SLACK_WEBHOOK_URL: 'https://slack.example',
}

describe('with --hub', () => {
  test('all that says which hub is meant is that of its profile', async () => {
    const { with: given } = await refit('--hub green freezes', { env: shell })
    expect(given.configFile).toBe(join(folder, 'green/refit.yaml'))
    expect(given.env).toEqual({
      ...{ REFIT_HUB: 'green', REFIT_HUBS: file, HOME: home, GREEN_URL: 'postgres://green' },
      ...{ DATABASE_URL: 'postgres://green', REFIT_CONFIG: join(folder, 'green/refit.yaml') },
      ...{ REFIT_KUBECONFIG: join(home, 'green.kubeconfig'), TEMPORAL_PROFILE: 'green' },
      ...{ TEMPORAL_UI_URL: 'https://temporal.example', TEMPORAL_CONFIG_FILE: '/etc/temporal.toml' },
      REFIT_ENCRYPTION_KEYS_FILE: join(home, 'green.keys'),
      SLACK_WEBHOOK_URL: 'https://slack.example',
    })
  })

  test('what is named beside it counts, and the option may come last', async () => {
    const line = 'freezes --config mine.yaml --kubeconfig mine.kubeconfig --hub green'
    const { with: given } = await refit(line, { env: shell })
    expect(given.configFile).toBe('mine.yaml')
    expect(given.env).toMatchObject({ REFIT_KUBECONFIG: 'mine.kubeconfig', DATABASE_URL: 'postgres://green' })
  })

  test('$REFIT_HUB is the same', async () => {
    const { with: given } = await refit('freezes', { env: { ...shell, REFIT_HUB: 'blue' } })
    expect(given.env).toMatchObject({ REFIT_SERVER: 'https://blue.example', REFIT_TOKEN_FILE: '/etc/blue.token' })
    expect(given.env).not.toHaveProperty('REFIT_TOKEN')
  })

  test.each([
    ['gren', 'Did you mean green?'],
    ['nowhere', 'It has green, blue and empty.'],
  ])('%s is refused with what there is', async (name, next) => {
    const run = await refit(`--hub ${name} status`, { env })
    expect(run).toMatchObject({ code: 2, opened: [], err: expect.stringContaining(next) })
    expect(run.err).toContain(`There is no hub ${name} in ${file}.`)
  })

  test('without a file it says what to write', async () => {
    const nowhere = { REFIT_HUBS: join(folder, 'no.yaml') }
    expect((await refit('--hub green status', { env: nowhere })).err).toContain('green: { server:')
    expect((await refit('hubs', { env: nowhere })).out).toMatch(/names no hub\nnext: write one into it/)
  })

  test('init names the hub by it, whether or not there is a profile', async () => {
    expect((await refit('init --stdout --hub purple', { env })).out).toContain('hub: { name: purple,')
    const known = await refit('init --stdout --hub green', { env })
    expect(known.out).toContain('hub: { name: green,')
    expect(known.with.configFile).toBe(join(folder, 'green/refit.yaml'))
  })

  test('the file is ~/.config/refit/hubs.yaml, or in $XDG_CONFIG_HOME', async () => {
    mkdirSync(join(home, '.config/refit'), { recursive: true })
    writeFileSync(join(home, '.config/refit/hubs.yaml'), 'mine: {}\n')
    expect((await refit('hubs -o json', { env: { HOME: home } })).json()).toMatchObject({ hubs: { mine: {} } })
    expect((await refit('hubs -o json', { env: { HOME: home, XDG_CONFIG_HOME: folder } })).json()).toEqual({
      file: join(folder, 'refit/hubs.yaml'),
      hubs: {},
    })
  })
})

test('refit hubs shows them', async () => {
  const { out } = await refit('hubs', { env })
  expect(out).toMatch(/^HUB +CONFIG +SERVER +CLUSTER +TEMPORAL PROFILE +STORE\n/)
  expect(out).toMatch(/\nblue +- +https:\/\/blue\.example +- +- +-\n/)
  expect(out).toContain('next: refit --hub green status')
})

describe('a file that is wrong is named with all that is', () => {
  test.each([
    ['green: { databaseUrl: "postgres://me:secret@host/db" }', /green\.databaseUrl must be a reference such as/],
    ['green: { sever: x, temporal: y }', /green has no key sever and temporal/],
    ['green: { server: "" }', /green\.server must not be empty/],
    ['- green', /the file /],
    ['green: [', /can't be used/],
  ])('%s', async (text, words) => {
    const wrong = join(folder, 'wrong.yaml')
    writeFileSync(wrong, text)
    const run = await refit('--hub green status', { env: { REFIT_HUBS: wrong } })
    expect(run).toMatchObject({ code: 2, err: expect.stringMatching(words) })
    expect(run.err).not.toContain('secret')
  })
})

describe('what the profile lacks is not taken from the shell', () => {
  const open = (name: string) =>
    openParts({ env: { REFIT_HUB: name, REFIT_HUBS: file, HOME: home }, configFile: 'refit.yaml' })
  test.each([
    ['store', 'databaseUrl'],
    ['temporal', 'temporalProfile'],
    ['kubernetes', 'kubeconfig'],
    ['config', 'config'],
  ] as const)('%s', async (part, key) => {
    await expect(open('blue')[part]()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(`This needs ${key} of hub blue`) as string,
    })
  })
})

test('a hub with a server is asked there, with its token', async () => {
  const said = { hub: { name: 'blue-hub', environment: 'production' }, services: [] }
  const server = await startHttpServer()
  server.answerByDefault(answer(200, JSON.stringify(said)))
  try {
    writeFileSync(join(folder, 'token'), 'rft_blue\n')
    const hubs = join(folder, 'served.yaml')
    writeFileSync(hubs, `blue: { server: "${server.url}", tokenFile: token }\n`)
    const run = await refit('--hub blue pause hub/ledger --reason x', { env: { REFIT_HUBS: hubs } })
    expect(run.err).toMatch(/^hub blue-hub \(production\)\n/)
    expect(server.received[0]?.headers.authorization).toBe('Bearer rft_blue')
  } finally {
    await server.close()
  }
})
