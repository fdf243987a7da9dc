import { messageOf, parse, policy } from './support'

const secret = 'S3CRET-0123456789'
const webhooks = (...items: string[]): string => `${policy()}webhooks: [${items.join(', ')}]`

describe('webhooks in refit.yaml', () => {
  it('take their secret from the environment, and may name the registry that they speak for', () => {
    const text = webhooks('{ kind: quay, secret: "${K}" }', '{ kind: harbor, secret: "${K}", host: harbor.example }')
    expect(parse(text, { K: secret }).webhooks).toEqual([
      { kind: 'quay', secret },
      { kind: 'harbor', secret, host: 'harbor.example' },
    ])
  })

  it.each([
    ['a kind', '{ kind: nexus, secret: "${K}" }', 'webhooks[0].kind must be distribution, dockerhub, harbor, ghcr or'],
    ['no secret', '{ kind: quay }', 'webhooks[0].secret is missing'],
    ['a secret in the file', `{ kind: quay, secret: ${secret} }`, 'webhooks[0].secret is a secret'],
    ['an empty secret', '{ kind: quay, secret: "" }', 'webhooks[0].secret must be a non-empty text'],
    ['a short secret', '{ kind: quay, secret: "${SHORT}" }', 'webhooks[0].secret is too short; it needs at least 16'],
    ['no such variable', '{ kind: quay, secret: "${NONE}" }', 'needs the environment variable NONE, which is not set'],
    ['a host', '{ kind: quay, secret: "${K}", host: "https://quay.io" }', 'webhooks[0].host must be the host'],
    [
      'a key',
      '{ kind: quay, secret: "${K}", hosts: quay.io }',
      'webhooks[0].hosts is not a known key; did you mean host',
    ],
  ])('say what is wrong with %s', (_, item, expected) => {
    const message = messageOf(webhooks(item), { K: secret, SHORT: 'S3CRET' })
    expect(message).toContain(expected)
    expect(message).not.toContain('S3CRET')
  })

  it('of one kind need a secret each, because it says which one is meant', () => {
    const item = '{ kind: quay, secret: "${K}" }'
    const message = messageOf(webhooks(item, item), { K: secret })
    expect(message).toContain('webhooks[1].secret is the same as webhooks[0].secret')
    expect(message).not.toContain('S3CRET')
  })
})
