import { messageOf, parse, policy } from './support'

const written = (more: string) =>
  policy(`    gitops: { repository: /srv/deploy.git, file: apps/ledger.yaml, ${more} }\n`)
const withRepository = (url: string, more = '') => policy(`    gitops: { repository: "${url}", file: a.yaml${more} }`)

test('of gitops only repository and file must be written', () => {
  expect(parse(written('')).policies[0]?.gitops).toEqual({
    repository: '/srv/deploy.git',
    file: 'apps/ledger.yaml',
    branch: 'main',
    syncWithinMs: 600_000,
  })
})

test('a token is kept by its name, also when it is set', () => {
  const config = parse(
    policy(
      '    gitops: { repository: "https://git.example.org/deploy.git", branch: hubs/green, file: "apps/{service}.yaml", path: image.tag, user: refit, token: "${GIT_TOKEN}", author: "Refit <refit@example.org>", syncWithin: 5m }',
    ),
    { GIT_TOKEN: 'S3CRET' },
  )
  expect(config.policies[0]?.gitops).toMatchObject({ token: 'GIT_TOKEN', branch: 'hubs/green', syncWithinMs: 300_000 })
  expect(JSON.stringify(config)).not.toContain('S3CRET')
})

test.each([
  ['http://127.0.0.1:3000/deploy.git', ''],
  ['http://gitea.git.svc:3000/deploy.git', ', insecure: true'],
  ['https://git.example.org/deploy', ''],
])('%s%s is a repository', (url, more) => expect(parse(withRepository(url, more)).policies[0]?.gitops).toBeDefined())

test.each([
  [
    'plain http to another machine',
    withRepository('http://gitea.git.svc:3000/deploy.git'),
    'gitops.repository must be',
  ],
  ['a password in the URL', withRepository('https://u:S3CRET@git.example.org/d.git'), 'without user and password'],
  ['a transport that runs commands', withRepository('ext::sh -c id'), 'gitops.repository must be'],
  ['ssh', withRepository('git@example.org:d.git'), 'gitops.repository must be an https URL'],
  ['an option', withRepository('--upload-pack=id'), 'gitops.repository must be'],
  ['a relative path', withRepository('deploy.git'), 'the absolute path'],
  ['a branch that is an option', written('branch: "-f"'), 'gitops.branch must be the name of a branch'],
  ['a branch with dots', written('branch: "a..b"'), 'gitops.branch must be the name of a branch'],
  ['a file outside', written('').replace('apps/ledger.yaml', '../x.yaml'), 'gitops.file must be a path in'],
  ['a file of git itself', written('').replace('apps/ledger.yaml', '.git/config'), 'gitops.file must be a path in'],
  ['a token in the file', written('token: S3CRET'), 'gitops.token must be a reference'],
  ['an author without address', written('author: Refit'), 'gitops.author must be a name and an address'],
  ['an unknown key', written('brnch: main'), 'gitops.brnch is not a known key; did you mean branch?'],
  ['a canary', `${written('')}    rollout: { canary: 1 }\n`, 'rollout.canary needs a rollout that Refit pauses'],
  [
    'steps',
    `${written('')}    rollout: { steps: [{ percent: 50 }] }\n`,
    'rollout.steps needs a rollout that Refit pauses',
  ],
])('%s is refused', (_, text, message) => {
  const said = messageOf(text)
  expect(said).toContain(message)
  expect(said).not.toContain('S3CRET')
})

test('a canary of none goes together with gitops', () => {
  expect(parse(`${written('')}    rollout: { canary: 0 }\n`).policies[0]?.rollout.canary).toBe(0)
})
