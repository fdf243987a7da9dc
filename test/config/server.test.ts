import { messageOf, parse, policy } from './support'

const env = { SECRET: 'S3CRET' }
const oidc = (more = '', server = 'url: https://refit.example.org') =>
  `${policy()}server:\n  ${server}\n  oidc:\n    issuer: https://login.example.org\n    clientId: refit\n    clientSecret: "\${SECRET}"\n    scopes: { operator: [ops] }\n${more}`

test('what is not written has a default', () => {
  expect(parse(oidc(), env).server).toEqual({
    ...{ url: 'https://refit.example.org', session: { lifetimeMs: 43_200_000, idleMs: 7_200_000 } },
    requestsPerMinute: 1_200,
    oidc: {
      ...{ issuer: 'https://login.example.org', clientId: 'refit', clientSecret: 'S3CRET' },
      ...{ requestScopes: ['openid', 'profile', 'email'], nameClaim: 'email', groupsClaim: 'groups' },
      scopes: { operator: ['ops'] },
    },
  })
})

test.each([
  ['a secret in the file', oidc().replace('"${SECRET}"', 'S3CRET'), 'server.oidc.clientSecret is a secret'],
  ['no address', oidc('', 'requestsPerMinute: 100'), 'server.url is needed for oidc'],
  ['an address without TLS', oidc('', 'url: http://refit.example.org'), 'server.url must be https'],
  ['an address with a path', oidc('', 'url: https://example.org/refit'), 'server.url must have no path'],
  ['an issuer without TLS', oidc().replace('https://login', 'http://login'), 'server.oidc.issuer must be https'],
  ['the client as audience', oidc('    audience: refit\n'), 'server.oidc.audience must not be the clientId'],
  [
    'everybody as admin',
    oidc().replace('operator: [ops]', 'admin: ["*"]'),
    'server.oidc.scopes.admin must name groups',
  ],
  ['no group at all', oidc().replace('[ops]', '[]'), 'server.oidc.scopes.operator must name at least one group'],
  ['a scope that is none', oidc().replace('operator:', 'operators:'), 'did you mean operator?'],
  [
    'a proxy that is none',
    `${policy()}server: { trustedProxies: [ingress] }\n`,
    'trustedProxies[0] must be an address',
  ],
  ['everybody as a proxy', `${policy()}server: { trustedProxies: [0.0.0.0/0] }\n`, 'must not be every address'],
  ['too short a login', `${policy()}server: { session: { idle: 1s } }\n`, 'server.session.idle must be a duration'],
])('%s is refused', (_name, text, words) => {
  const message = messageOf(text, env)
  expect(message).toContain(words)
  expect(message).not.toContain('S3CRET')
})

test('this machine needs no TLS', () => {
  const text = oidc('', 'url: http://localhost:8080').replace('https://login.example.org', 'http://127.0.0.1:3000')
  expect(messageOf(text, env)).toBe('')
})

test('policies may name groups that only the provider knows', () => {
  const approval = '    mode: approve\n    approval: { groups: [ops] }\n    emergency: chiefs\n'
  expect(messageOf(policy(approval))).toContain('which nobody of people is in')
  expect(messageOf(`${policy(approval)}${oidc().slice(policy().length)}`, env)).toBe('')
})
