import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadConfig, parseConfig } from '../../src/config'
import { parse, policy } from './support'

const exampleFile = join(__dirname, '../../refit.example.yaml')

describe('a good refit.yaml', () => {
  it('is complete with two keys and one policy, and only watches', () => {
    const config = parse(policy())
    expect(config).toEqual({
      hub: { name: 'h', environment: 'test' },
      scan: { everyMs: 300_000 },
      supported: [],
      registries: [],
      policies: [
        {
          name: 'p',
          select: { namespaces: ['hub'], images: ['*/hub/*'] },
          mode: 'watch',
          strategy: 'bugfix',
          prerelease: 'none',
          hotfixes: 'ignore',
          minimumAgeMs: 0,
          firstScan: 'publisher',
          platforms: 'nodes',
          approval: {
            required: 1,
            expiresMs: 259_200_000,
            escalateMs: 64_800_000,
            unverified: 'refuse',
            makerChecker: false,
            groups: [],
          },
          windows: [],
          freezes: [],
          whenWindowCloses: 'finish',
          migrations: [],
          rollout: { bakeMs: 600_000, stallMs: 120_000, deadlineMs: 600_000, maxUnavailable: 0 },
          health: [],
          helmDrift: 'refuse',
        },
      ],
      order: [],
      releases: { approval: 'once', onFailure: 'rollback' },
      people: [],
      hubs: [],
      alerts: [],
      webhooks: [],
      upgradesAtOnce: 32,
      server: { session: { lifetimeMs: 43_200_000, idleMs: 7_200_000 }, requestsPerMinute: 1_200 },
    })
  })

  it('is the example, also with its alerts, its webhook and its knex migration', () => {
    expect(loadConfig({ file: exampleFile, env: {} }).policies).toHaveLength(2)
    const commented = readFileSync(exampleFile, 'utf8')
      .replace(/^(alerts|hubs|people|webhooks): \[\]\n/gm, '')
      .replace(/^# (alerts:|hubs:|people:|webhooks:|server:| {2}.*)$/gm, '$1')
      .replace(/^ {6}# /gm, '      ')
      .replace(/^ {4}# (emergency|expectedDuration|promote)/gm, '    $1')
    const config = parse(commented, {
      SLACK_WEBHOOK_URL: 'https://s.example',
      OLD_SLACK_WEBHOOK_URL: 'https://o.example',
      ALERT_KEY: 'a-key-of-the-tests',
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_SIGNING_SECRET: 's',
      SMTP_URL: 'smtps://u:p@mail.example.org',
      HARBOR_HOOK_SECRET: '0123456789abcdef',
      STAGING_REFIT_TOKEN: 'rft_x',
      OIDC_CLIENT_SECRET: 'oidc-secret',
    })
    expect(config.hubs).toEqual([{ name: 'staging', url: 'https://refit.staging.example.org', token: 'rft_x' }])
    expect(config.policies[0]).toMatchObject({
      expectedMs: 1_800_000,
      promote: { from: 'staging', bakedForMs: 172_800_000 },
      whenWindowCloses: 'finish',
    })
    expect(config.webhooks).toEqual([{ kind: 'harbor', secret: '0123456789abcdef', host: 'harbor.example.org' }])
    expect(config.alerts).toEqual([
      { kind: 'slack', url: 'https://s.example', format: 'refit', on: ['action', 'page'], allowPrivate: false },
      { kind: 'slack', url: 'https://o.example', format: 'ml-operator', on: ['info', 'action'], allowPrivate: false },
      {
        kind: 'slackBot',
        token: 'xoxb-1',
        channel: 'C012ABCDEF',
        signingSecret: 's',
        on: ['info', 'action', 'page'],
        allowPrivate: false,
      },
      {
        kind: 'webhook',
        url: 'https://alerts.example.org/refit',
        signedWith: 'a-key-of-the-tests',
        on: ['info', 'action', 'page'],
        allowPrivate: false,
      },
      {
        kind: 'alertmanager',
        url: 'http://alertmanager.monitoring:9093',
        on: ['action', 'page'],
        allowPrivate: true,
      },
      {
        kind: 'email',
        smtp: 'smtps://u:p@mail.example.org',
        from: 'Refit <refit@example.org>',
        to: ['tech-ops@example.org'],
        on: ['page'],
        allowPrivate: false,
      },
    ])
    expect(config.policies[0]?.migrations[1]).toEqual({
      kind: 'knex',
      directory: resolve('migrations/ledger'),
      database: 'LEDGER_DATABASE_URL',
      rehearse: { copy: 'COPY_URL' },
      overrides: ['expand/004_x.js'],
      backup: { maxAgeMs: 86_400_000, check: { command: ['last-backup', 'ledger'] } },
      backfill: 'after',
      contract: {
        approval: { required: 1, groups: ['dba'], expiresMs: 259_200_000 },
        users: [{ service: 'hub/quoting', version: '>=1.2.0' }],
      },
    })
  })

  it("is the sample hub's", () => {
    const file = join(__dirname, '../../examples/hub/refit.yaml')
    const config = loadConfig({ file, env: { REGISTRY: '127.0.0.1:5000' } })
    expect(config.registries[0]).toMatchObject({ host: '127.0.0.1:5000', insecure: true })
    expect(config.policies.map(({ name }) => name)).toEqual(['ledger', 'quoting-and-settlement'])
  })

  it.each([
    ['migrations/ledger', '/etc/refit/migrations/ledger'],
    ['../ledger', '/etc/ledger'],
    ['/srv/ledger', '/srv/ledger'],
  ])('finds the migration directory %s from its own folder', (directory, expected) => {
    const text = policy(
      `    migrations: [{ kind: knex, directory: ${directory}, database: "\${LEDGER_DATABASE_URL}" }]`,
    )
    const env = { LEDGER_DATABASE_URL: 'postgres://u:S3CRET@h/d' }
    const config = parseConfig({ text, name: 'refit.yaml', env, folder: '/etc/refit' })
    const source = { kind: 'knex', directory: expected, database: 'LEDGER_DATABASE_URL' }
    expect(config.policies[0]?.migrations).toEqual([source])
  })

  it('is frozen to the bottom', () => {
    const config = parse(policy())
    expect(() => ((config.policies[0] as { mode: string }).mode = 'automatic')).toThrow(TypeError)
    expect(() => (config.policies[0]?.select.images as string[]).push('*')).toThrow(TypeError)
  })

  it('reads a registry on this machine by plain http, and others only when told to', () => {
    const config = parse(
      `${policy()}registries: [{ host: "127.0.0.1:5000" }, { host: localhost:5000, insecure: false }, { host: r.example }, { host: q.example, insecure: true }]`,
    )
    expect(config.registries.map(({ host, insecure }) => [host, insecure])).toEqual([
      ['127.0.0.1:5000', true],
      ['localhost:5000', false],
      ['r.example', false],
      ['q.example', true],
    ])
  })

  it('asks nobody in mode automatic, unless it is written', () => {
    expect(parse(policy('    mode: automatic')).policies[0]?.approval.required).toBe(0)
    expect(
      parse(policy('    mode: automatic\n    approval: { required: 1, unverified: accept }')).policies[0]?.approval
        .required,
    ).toBe(1)
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
    const config = parse(
      policy('    mode: "${MODE}"\n    migrations: [{ kind: job, command: [sh, -c, "echo $${HOME}"] }]'),
      { MODE: 'watch' },
    )
    expect(config.policies[0]?.mode).toBe('watch')
    expect(config.policies[0]?.migrations[0]).toMatchObject({ command: ['sh', '-c', 'echo ${HOME}'] })
  })
})
