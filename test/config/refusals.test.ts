import { loadConfig } from '../../src/config'
import { hub, messageOf, policy } from './support'

describe('a bad refit.yaml', () => {
  it.each<[string, string, string]>([
    ['no policies', hub, 'policies is missing'],
    ['an empty file', '', 'the file must be an object'],
    ['a list', '- 1', 'the file must be an object'],
    ['an unknown key', policy('    mod: watch'), '5:5 policies[0].mod is not a known key; did you mean mode?'],
    ['a key by another name', policy('    channel: rc'), '5:5 policies[0].channel is called prerelease'],
    ['an unknown key like none', `${policy()}colour: red`, '5:1 colour is not a known key'],
    ['a missing name', `${hub}policies: [{ select: { namespaces: [a], images: [b] } }]`, 'policies[0].name is missing'],
    ['a mode', policy('    mode: auto'), '5:5 policies[0].mode must be watch, approve or automatic; it is "auto"'],
    [
      'a strategy',
      policy('    strategy: newest'),
      'policies[0].strategy must be patch, bugfix, minor, major, digest, release, { range: "^17" } or { filter, extract, order }; it is "newest"',
    ],
    ['a range', policy('    strategy: { range: "no" }'), 'policies[0].strategy.range must be a semver range'],
    ['a duration without a unit', policy('    rollout: { bake: 10 }'), 'policies[0].rollout.bake must be a duration'],
    [
      'a word as a duration',
      policy('    rollout: { bake: soon }'),
      'policies[0].rollout.bake must be a duration such as 500ms',
    ],
    ['a duration that is too short', `${policy()}scan: { every: 500ms }`, 'scan.every must be a duration'],
    [
      'a cron line',
      policy('    windows: [{ cron: "61 2 * * *", duration: 1h, timeZone: UTC }]'),
      '5:17 policies[0].windows[0].cron must be a cron line of five fields',
    ],
    [
      'a cron line with seconds',
      policy('    windows: [{ cron: "0 0 2 * * *", duration: 1h, timeZone: UTC }]'),
      'requires exactly 5 parts',
    ],
    [
      'a cron line that never comes up',
      policy('    windows: [{ cron: "0 0 31 2 *", duration: 1h, timeZone: UTC }]'),
      'it never comes up',
    ],
    [
      'a cron nickname',
      policy('    windows: [{ cron: "@daily", duration: 1h, timeZone: UTC }]'),
      'nicknames are not allowed',
    ],
    [
      'a time zone',
      policy('    windows: [{ cron: "0 2 * * *", duration: 1h, timeZone: Africa/Nairoby }]'),
      'timeZone must be an IANA time zone, such as Africa/Nairobi; it is "Africa/Nairoby"',
    ],
    [
      'an offset as a time zone',
      policy('    freezes: [{ from: 2026-01-01, to: 2026-01-02, timeZone: "+03:00" }]'),
      'timeZone must be an IANA time zone',
    ],
    [
      'a day',
      policy('    freezes: [{ from: 2026-02-30, to: 2026-03-01, timeZone: UTC }]'),
      'policies[0].freezes[0].from must be a day, written YYYY-MM-DD',
    ],
    [
      'a freeze that ends before it begins',
      policy('    freezes: [{ from: 2026-02-02, to: 2026-02-01, timeZone: UTC }]'),
      'policies[0].freezes[0].to must be the same day as from (2026-02-02) or later',
    ],
    [
      'a kind of migration',
      policy('    migrations: [{ kind: flyway }]'),
      'policies[0].migrations[0].kind must be job or knex',
    ],
    [
      'a migration without a kind',
      policy('    migrations: [{ command: [a] }]'),
      'policies[0].migrations[0].kind is missing',
    ],
    [
      'a job without a command',
      policy('    migrations: [{ kind: job, command: [] }]'),
      'command must have at least one word',
    ],
    [
      'a database URL in the file',
      policy('    migrations: [{ kind: knex, directory: d, database: "postgres://u:secret@h/d" }]'),
      'database must be a reference to an environment variable',
    ],
    [
      'a port',
      policy('    health: [{ http: /health, port: 0 }]'),
      'policies[0].health[0].port must be a whole number from 1 to 65535; it is 0',
    ],
    ['a health path', policy('    health: [{ http: health, port: 1 }]'), 'http must be a path, such as /health'],
    [
      'a JSON path',
      policy('    health: [{ http: /h, port: 1, expect: { version: versionNumber } }]'),
      'expect.version must be a JSON path',
    ],
    [
      'two policies of one name',
      `${policy()}  - name: p\n    select: { namespaces: [a], images: [b] }`,
      'policies[1].name is the same as policies[0].name',
    ],
    [
      'two people of one name',
      `${policy()}people: [{ name: ana }, { name: ana, slack: U1 }]`,
      'people[1].name is the same as people[0].name',
    ],
    [
      'one Slack user who is two people',
      `${policy()}people: [{ name: ana, slack: U1 }, { name: ben }, { name: cleo, slack: U1 }]`,
      'people[2].slack is the same as people[0].slack',
    ],
    [
      'a registry with a scheme',
      `${policy()}registries: [{ host: "https://r.example" }]`,
      'registries[0].host must be the host of a registry',
    ],
    ['an alert to nowhere', `${policy()}alerts: [{ on: [page] }]`, 'alerts[0] needs exactly one of slack'],
    [
      'an alert to two',
      `${policy()}alerts: [{ slack: "http://127.0.0.1/a", webhook: "http://127.0.0.1/b" }]`,
      'alerts[0] needs exactly one of slack',
    ],
    [
      'a level',
      `${policy()}alerts: [{ webhook: "http://127.0.0.1/b", on: [all] }]`,
      'alerts[0].on[0] must be info, action or page',
    ],
    [
      'a signature for Slack',
      `${policy()}alerts: [{ slack: "http://127.0.0.1/a", signedWith: "\${K}" }]`,
      'alerts[0].signedWith is for a webhook',
    ],
    [
      'a Slack URL in the file',
      `${policy()}alerts: [{ slack: "https://hooks.example/T0/S3CRET" }]`,
      'alerts[0].slack is a secret: put it into an environment variable',
    ],
    [
      'a key in the file',
      `${policy()}alerts: [{ webhook: "https://a.example", signedWith: S3CRET }]`,
      'alerts[0].signedWith is a secret',
    ],
    [
      'a missing variable',
      `${policy()}alerts: [{ slack: "\${SLACK_WEBHOOK_URL}" }]`,
      'alerts[0].slack needs the environment variable SLACK_WEBHOOK_URL, which is not set',
    ],
    ['a reference without an end', policy('    prerelease: "${not a name}"'), 'write $${ for a literal ${'],
    ['broken YAML', 'hub: [', 'problem'],
    ['a key twice', `${policy()}hub: { name: x, environment: y }`, '5:1 Map keys must be unique'],
    [
      'unverified names where several people must say yes',
      policy('    approval: { required: 2, unverified: accept }'),
      'policies[0].approval.unverified must be refuse here',
    ],
    [
      'a group that nobody is in',
      policy('    approval: { groups: [tech-ops] }'),
      'policies[0].approval.groups[0] names the group tech-ops, which nobody of people is in',
    ],
    [
      'an emergency group that nobody is in',
      policy('    emergency: security'),
      'policies[0].emergency names the group security',
    ],
    [
      'a promotion from nowhere',
      policy('    promote: { from: staging }'),
      'policies[0].promote.from names staging, which is none of hubs',
    ],
    [
      'a pattern of change references that is none of RE2',
      policy("    approval: { changeReference: { pattern: '(?=CHG)' } }"),
      'policies[0].approval.changeReference.pattern is no regular expression of RE2',
    ],
    [
      'a pattern of change references without end',
      policy(`    approval: { changeReference: { pattern: '${'a'.repeat(301)}' } }`),
      'policies[0].approval.changeReference.pattern must have 1 to 300 characters',
    ],
    [
      'two hubs of one name',
      `${policy()}hubs: [{ name: a, url: "https://a.example", token: "\${T}" }, { name: a, url: "https://b.example", token: "\${T}" }]`,
      'hubs[1].name is the same as hubs[0].name',
    ],
    [
      'a token of another hub in the file',
      `${policy()}hubs: [{ name: staging, url: "https://a.example", token: S3CRET }]`,
      'hubs[0].token is a secret',
    ],
    [
      'a bot token in the file',
      `${policy()}alerts: [{ slackBot: { token: S3CRET, channel: C0 } }]`,
      'alerts[0].slackBot.token is a secret',
    ],
    [
      'a password of a mail server in the file',
      `${policy()}alerts: [{ email: { smtp: "smtps://a:S3CRET@b.example", from: a@b.example, to: [c@b.example] } }]`,
      'alerts[0].email.smtp is a secret',
    ],
    [
      'a window that is both',
      policy('    windows: [{ cron: "0 2 * * *", rrule: FREQ=DAILY, duration: 1h, timeZone: UTC }]'),
      'policies[0].windows[0]',
    ],
  ])('says what is wrong with %s', (_, text, expected) => {
    expect(messageOf(text, { K: 'S3CRET' })).toContain(expected)
    expect(messageOf(text, { K: 'S3CRET' })).not.toContain('S3CRET')
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
    expect(message).toContain('refit.yaml has 8 problems:')
    const places = [...message.matchAll(/^ {2}(\d+):/gm)].map(([, line]) => Number(line))
    expect(places).toEqual([1, 1, 2, 5, 7, 7, 8, 8])
  })

  it('never shows what came from the environment', () => {
    const text = `${policy('    mode: "${A}"\n    prerelease: "x${A}\\ny"')}\nalerts: [{ webhook: "\${A}", signedWith: "\${A}", on: ["\${A}"] }]`
    const message = messageOf(text, { A: 'S3CRET' })
    expect(message).toContain('policies[0].mode must be')
    expect(message).not.toContain('S3CRET')
  })

  it('says which file is not there', () => {
    expect(() => loadConfig({ file: '/nowhere/refit.yaml', env: {} })).toThrow(
      "/nowhere/refit.yaml can't be read (ENOENT).",
    )
  })
})
