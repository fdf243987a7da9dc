import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig, parseConfig, policyFor, schemaJson } from '../../src/config'
import { RefitError } from '../../src/domain/errors'

const exampleFile = join(__dirname, '../../refit.example.yaml')
const hub = 'hub: { name: h, environment: test }\n'
const policy = (rest = '') => `${hub}policies:\n  - name: p\n    select: { namespaces: [hub], images: ["*/hub/*"] }\n${rest}`

const parse = (text: string, env: Record<string, string> = {}) => parseConfig({ text, name: 'refit.yaml', env })

function messageOf(text: string, env: Record<string, string> = {}): string {
  try {
    parse(text, env)
  } catch (error) {
    if (error instanceof RefitError && error.code === 'CONFIG_INVALID') return error.message
    throw error
  }
  return ''
}

describe('a good refit.yaml', () => {
  it('is complete with two keys and one policy, and only watches', () => {
    const config = parse(policy())
    expect(config).toEqual({
      hub: { name: 'h', environment: 'test' },
      scan: { everyMs: 300_000 },
      registries: [],
      policies: [
        {
          name: 'p',
          select: { namespaces: ['hub'], images: ['*/hub/*'] },
          mode: 'watch',
          strategy: 'bugfix',
          prerelease: 'none',
          approval: { required: 1, expiresMs: 259_200_000 },
          windows: [],
          freezes: [],
          migrations: [],
          rollout: { bakeMs: 600_000, stallMs: 120_000, deadlineMs: 600_000, maxUnavailable: 0 },
          health: [],
          helmDrift: 'refuse',
        },
      ],
      alerts: [],
    })
  })

  it('is the example, also with its alerts and its knex migration', () => {
    expect(loadConfig({ file: exampleFile, env: {} }).policies).toHaveLength(2)
    const commented = readFileSync(exampleFile, 'utf8')
      .replace('alerts: []\n', '')
      .replace(/^# (alerts:|  .*)$/gm, '$1')
      .replace(/^      # /gm, '      ')
    const config = parse(commented, { SLACK_WEBHOOK_URL: 'https://s.example', OLD_SLACK_WEBHOOK_URL: 'https://o.example', ALERT_KEY: 'k' })
    expect(config.alerts).toEqual([
      { kind: 'slack', url: 'https://s.example', format: 'refit', on: ['action', 'page'] },
      { kind: 'slack', url: 'https://o.example', format: 'ml-operator', on: ['info', 'action'] },
      { kind: 'webhook', url: 'https://alerts.example.org/refit', signedWith: 'k', on: ['info', 'action', 'page'] },
    ])
    expect(config.policies[0]?.migrations[1]).toEqual({
      kind: 'knex',
      directory: '/etc/refit/migrations/ledger',
      database: 'LEDGER_DATABASE_URL',
    })
  })

  it('is frozen to the bottom', () => {
    const config = parse(policy())
    expect(() => ((config.policies[0] as { mode: string }).mode = 'automatic')).toThrow(TypeError)
    expect(() => (config.policies[0]?.select.images as string[]).push('*')).toThrow(TypeError)
  })

  it('reads a registry on this machine by plain http, and others only when told to', () => {
    const config = parse(`${policy()}registries: [{ host: "127.0.0.1:5000" }, { host: localhost:5000, insecure: false }, { host: r.example }, { host: q.example, insecure: true }]`)
    expect(config.registries.map(({ host, insecure }) => [host, insecure])).toEqual([
      ['127.0.0.1:5000', true],
      ['localhost:5000', false],
      ['r.example', false],
      ['q.example', true],
    ])
  })

  it('asks nobody in mode automatic, unless it is written', () => {
    expect(parse(policy('    mode: automatic')).policies[0]?.approval.required).toBe(0)
    expect(parse(policy('    mode: automatic\n    approval: { required: 1, unverified: accept }')).policies[0]?.approval.required).toBe(1)
  })

  it.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['3d', 259_200_000],
    ['0s', 0],
  ])('reads the duration %s', (text, ms) => {
    expect(parse(policy(`    rollout: { bake: ${text} }`)).policies[0]?.rollout.bakeMs).toBe(ms)
  })

  it('takes values from the environment and leaves $${NAME} to the container', () => {
    const config = parse(policy('    mode: "${MODE}"\n    migrations: [{ kind: job, command: [sh, -c, "echo $${HOME}"] }]'), { MODE: 'watch' })
    expect(config.policies[0]?.mode).toBe('watch')
    expect(config.policies[0]?.migrations[0]).toMatchObject({ command: ['sh', '-c', 'echo ${HOME}'] })
  })
})

describe('a bad refit.yaml', () => {
  it.each<[string, string, string]>([
    ['no policies', hub, 'policies is missing'],
    ['an empty file', '', 'the file must be an object'],
    ['a list', '- 1', 'the file must be an object'],
    ['an unknown key', policy('    mod: watch'), '5:5 policies[0].mod is not a known key; did you mean mode?'],
    ['an unknown key like none', `${policy()}colour: red`, '5:1 colour is not a known key'],
    ['a missing name', `${hub}policies: [{ select: { namespaces: [a], images: [b] } }]`, 'policies[0].name is missing'],
    ['a mode', policy('    mode: auto'), '5:5 policies[0].mode must be watch, approve or automatic; it is "auto"'],
    ['a strategy', policy('    strategy: newest'), 'policies[0].strategy must be patch, bugfix, minor, major or { range: "^17" }; it is "newest"'],
    ['a range', policy('    strategy: { range: "no" }'), 'policies[0].strategy.range must be a semver range'],
    ['a duration without a unit', policy('    rollout: { bake: 10 }'), 'policies[0].rollout.bake must be a duration'],
    ['a word as a duration', policy('    rollout: { bake: soon }'), 'policies[0].rollout.bake must be a duration such as 500ms'],
    ['a duration that is too short', `${policy()}scan: { every: 1s }`, 'scan.every must be a duration'],
    ['a cron line', policy('    windows: [{ cron: "61 2 * * *", duration: 1h, timeZone: UTC }]'), '5:17 policies[0].windows[0].cron must be a cron line of five fields'],
    ['a cron line with seconds', policy('    windows: [{ cron: "0 0 2 * * *", duration: 1h, timeZone: UTC }]'), 'requires exactly 5 parts'],
    ['a cron line that never comes up', policy('    windows: [{ cron: "0 0 31 2 *", duration: 1h, timeZone: UTC }]'), 'it never comes up'],
    ['a cron nickname', policy('    windows: [{ cron: "@daily", duration: 1h, timeZone: UTC }]'), 'nicknames are not allowed'],
    ['a time zone', policy('    windows: [{ cron: "0 2 * * *", duration: 1h, timeZone: Africa/Nairoby }]'), 'timeZone must be an IANA time zone, such as Africa/Nairobi; it is "Africa/Nairoby"'],
    ['an offset as a time zone', policy('    freezes: [{ from: 2026-01-01, to: 2026-01-02, timeZone: "+03:00" }]'), 'timeZone must be an IANA time zone'],
    ['a day', policy('    freezes: [{ from: 2026-02-30, to: 2026-03-01, timeZone: UTC }]'), 'policies[0].freezes[0].from must be a day, written YYYY-MM-DD'],
    ['a freeze that ends before it begins', policy('    freezes: [{ from: 2026-02-02, to: 2026-02-01, timeZone: UTC }]'), 'policies[0].freezes[0].to must be the same day as from (2026-02-02) or later'],
    ['a kind of migration', policy('    migrations: [{ kind: flyway }]'), 'policies[0].migrations[0].kind must be job or knex'],
    ['a migration without a kind', policy('    migrations: [{ command: [a] }]'), 'policies[0].migrations[0].kind is missing'],
    ['a job without a command', policy('    migrations: [{ kind: job, command: [] }]'), 'command must have at least one word'],
    ['a database URL in the file', policy('    migrations: [{ kind: knex, directory: d, database: "postgres://u:secret@h/d" }]'), 'database must be a reference to an environment variable'],
    ['a port', policy('    health: [{ http: /health, port: 0 }]'), 'policies[0].health[0].port must be a whole number from 1 to 65535; it is 0'],
    ['a health path', policy('    health: [{ http: health, port: 1 }]'), 'http must be a path, such as /health'],
    ['a JSON path', policy('    health: [{ http: /h, port: 1, expect: { version: versionNumber } }]'), 'expect.version must be a JSON path'],
    ['two policies of one name', `${policy()}  - name: p\n    select: { namespaces: [a], images: [b] }`, 'policies[1].name is the same as policies[0].name'],
    ['a registry with a scheme', `${policy()}registries: [{ host: "https://r.example" }]`, 'registries[0].host must be the host of a registry'],
    ['an alert to nowhere', `${policy()}alerts: [{ on: [page] }]`, 'alerts[0] needs either slack or webhook'],
    ['an alert to two', `${policy()}alerts: [{ slack: "http://127.0.0.1/a", webhook: "http://127.0.0.1/b" }]`, 'alerts[0] needs either slack or webhook'],
    ['a level', `${policy()}alerts: [{ webhook: "http://127.0.0.1/b", on: [all] }]`, 'alerts[0].on[0] must be info, action or page'],
    ['a signature for Slack', `${policy()}alerts: [{ slack: "http://127.0.0.1/a", signedWith: "\${K}" }]`, 'alerts[0].signedWith is for a webhook'],
    ['a Slack URL in the file', `${policy()}alerts: [{ slack: "https://hooks.example/T0/S3CRET" }]`, 'alerts[0].slack is a secret: put it into an environment variable'],
    ['a key in the file', `${policy()}alerts: [{ webhook: "https://a.example", signedWith: S3CRET }]`, 'alerts[0].signedWith is a secret'],
    ['a missing variable', `${policy()}alerts: [{ slack: "\${SLACK_WEBHOOK_URL}" }]`, 'alerts[0].slack needs the environment variable SLACK_WEBHOOK_URL, which is not set'],
    ['a reference without an end', policy('    prerelease: "${not a name}"'), 'write $${ for a literal ${'],
    ['broken YAML', 'hub: [', 'problem'],
    ['a key twice', `${policy()}hub: { name: x, environment: y }`, '5:1 Map keys must be unique'],
    ['an approval that nobody could give', policy('    mode: approve'), 'policies[0].approval.unverified must be accept while an approval is required'],
  ])('says what is wrong with %s', (_, text, expected) => {
    expect(messageOf(text, { K: 'S3CRET' })).toContain(expected)
    expect(messageOf(text, { K: 'S3CRET' })).not.toContain('S3CRET')
  })

  it.each([
    ['supported: []', 'supported'],
    ['order: []', 'order'],
    ['    minimumAge: 24h', 'policies[0].minimumAge'],
    ['    settle: { for: 72h }', 'policies[0].settle'],
    ['    approval: { makerChecker: true }', 'policies[0].approval.makerChecker'],
    ['    approval: { groups: [a] }', 'policies[0].approval.groups'],
    ['    rollout: { canary: 1 }', 'policies[0].rollout.canary'],
    ['    health: [{ prometheus: x }]', 'policies[0].health[0].prometheus'],
    ['    strategy: { filter: x, extract: y, order: z }', 'policies[0].strategy.filter'],
    ['    strategy: digest', 'policies[0].strategy'],
    ['    strategy: release', 'policies[0].strategy'],
  ])('refuses what is planned but not there yet: %s', (line, path) => {
    const message = messageOf(policy(line))
    expect(message).toContain(`${path} is not supported by this version yet`)
    expect(message).not.toMatch(/not a known key|is missing/)
  })

  it('names every problem at once, in the order of the file', () => {
    const message = messageOf(`hub: { name: "" }
scan: { every: often }
policies:
  - name: p
    select: { namespaces: [], images: [a] }
    mode: approve
    windows: [{ cron: x, duration: 1h, timeZone: Mars }]
alerts: [{ on: [nobody] }]`)
    expect(message).toContain('refit.yaml has 9 problems:')
    const places = [...message.matchAll(/^ {2}(\d+):/gm)].map(([, line]) => Number(line))
    expect(places).toEqual([1, 1, 2, 4, 5, 7, 7, 8, 8])
  })

  it('never shows what came from the environment', () => {
    const text = `${policy('    mode: "${A}"\n    prerelease: "x${A}\\ny"')}\nalerts: [{ webhook: "\${A}", signedWith: "\${A}", on: ["\${A}"] }]`
    const message = messageOf(text, { A: 'S3CRET' })
    expect(message).toContain('policies[0].mode must be')
    expect(message).not.toContain('S3CRET')
  })

  it('says which file is not there', () => {
    expect(() => loadConfig({ file: '/nowhere/refit.yaml', env: {} })).toThrow("/nowhere/refit.yaml can't be read (ENOENT).")
  })
})

describe('policyFor', () => {
  const config = parse(`${hub}policies:
  - { name: ledger, select: { namespaces: [hub], images: ["*/hub/ledger"] } }
  - { name: bare, select: { namespaces: ["pay-*"], images: ["hub/*"] } }
  - { name: rest, select: { namespaces: [hub], images: ["*/hub/*"] } }
  - { name: deep, select: { namespaces: [deep], images: ["**"] } }`)

  it.each([
    ['hub', '127.0.0.1:5000/hub/ledger', 'ledger'],
    ['hub', '127.0.0.1:5000/hub/quoting', 'rest'],
    ['pay-a', 'registry.example.org/hub/quoting', 'bare'],
    ['pay-a', 'hub/quoting', 'bare'],
    ['hub', 'hub/quoting', undefined],
    ['hub', 'registry.example.org/other/quoting', undefined],
    ['other', '127.0.0.1:5000/hub/ledger', undefined],
    ['deep', 'a.example/b/c/d', 'deep'],
  ])('in %s, %s: %s', (namespace, repository, expected) => {
    expect(policyFor(config, namespace, repository)?.name).toBe(expected)
  })
})

it('has a JSON Schema of the file as it is written', () => {
  const schema = JSON.parse(schemaJson()) as { properties: Record<string, { properties?: object }>; required: string[]; additionalProperties: boolean }
  expect(schema.required).toEqual(['hub', 'policies'])
  expect(schema.additionalProperties).toBe(false)
  expect(JSON.stringify(schema)).toContain('"helmDrift"')
})
