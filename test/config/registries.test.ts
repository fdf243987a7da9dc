import { parseConfig } from '../../src/config'
import { messageOf, parse, policy } from './support'

const registries = (list: string): string => `${policy()}registries: [${list}]`
const auth = (value: string): string => registries(`{ host: r.example, auth: ${value} }`)

describe('requests per second', () => {
  it('are 10, and unlimited for this machine, unless they are written', () => {
    const config = parse(
      registries(
        '{ host: r.example }, { host: "127.0.0.1:5000" }, { host: q.example, requestsPerSecond: 50 }, { host: localhost:1, requestsPerSecond: 5 }',
      ),
    )
    expect(config.registries.map(({ requestsPerSecond }) => requestsPerSecond)).toEqual([10, 0, 50, 5])
  })

  it.each(['-1', '0.5', 'many', '10001'])('are not %s', (value) =>
    expect(messageOf(registries(`{ host: r.example, requestsPerSecond: ${value} }`))).toContain(
      'registries[0].requestsPerSecond must be a whole number from 0 to 10000',
    ),
  )
})

describe('credentials of a registry', () => {
  it.each<[string, object | undefined]>([
    ['dockerConfig', { kind: 'dockerConfig', path: undefined }],
    ['imagePullSecrets', { kind: 'imagePullSecrets' }],
    ['{ dockerConfig: /etc/refit/docker.json }', { kind: 'dockerConfig', path: '/etc/refit/docker.json' }],
    ['{ secretRef: refit/registry }', { kind: 'secretRef', namespace: 'refit', name: 'registry' }],
    ['{ env: { username: "${U}", password: "${P}" } }', { kind: 'env', username: 'robot', password: 'S3CRET' }],
    ['{ ecr: { region: eu-west-1 } }', { kind: 'ecr', region: 'eu-west-1' }],
    ['{ ecr: {} }', { kind: 'ecr' }],
    ['{ google: {} }', { kind: 'google' }],
    ['{ azure: {} }', { kind: 'azure' }],
  ])('%s', (value, expected) => {
    expect(parse(auth(value), { U: 'robot', P: 'S3CRET' }).registries[0]?.auth).toEqual(expected)
  })

  it('a path is relative to the file', () => {
    const text = auth('{ dockerConfig: docker/config.json }')
    const config = parseConfig({ text, name: 'refit.yaml', env: {}, folder: '/etc/refit' })
    expect(config.registries[0]?.auth).toEqual({ kind: 'dockerConfig', path: '/etc/refit/docker/config.json' })
  })

  it.each<[string, string]>([
    ['{ env: { username: robot, password: S3CRET } }', 'auth.env.password is a secret: put it into an environment'],
    ['{ env: { username: robot, password: "${NONE}" } }', 'needs the environment variable NONE, which is not set'],
    ['S3CRET', 'registries[0].auth must be dockerConfig, imagePullSecrets'],
    ['{ secretRef: registry }', 'registries[0].auth must be dockerConfig'],
    ['{ secretRef: ../refit/registry }', 'registries[0].auth must be dockerConfig'],
    ['{ secretref: refit/registry }', 'registries[0].auth.secretref is not a known key; did you mean secretRef?'],
    ['{ google: {}, azure: {} }', 'registries[0].auth must be dockerConfig'],
    ['{ env: { username: robot } }', 'registries[0].auth must be dockerConfig'],
  ])('%s is refused, and no secret is shown', (value, expected) => {
    expect(messageOf(auth(value))).toContain(expected)
    expect(messageOf(auth(value))).not.toContain('S3CRET')
  })
})
