import { parseConfig } from '../../src/config'
import { permissionsFor } from '../../src/operations/permissions'
import { placeOf } from '../../src/operations/permissions/egress'
import type { Accounts } from '../../src/operations/permissions/manifests'

const secrets = { SLACK: 'https://hooks.example.org/services/T0/B0/hunter2', PASSWORD: 'hunter2', TOKEN: 'hunter2' }
const env = {
  ...secrets,
  DATABASE_URL: 'postgres://refit_login:hunter2@pg.example.org/refit_store',
  LEDGER_URL: 'mysql://ledger:hunter2@my.example.org:3307/ledger',
}
const config = parseConfig({
  name: 'refit.yaml',
  env,
  text: `
hub: { name: green-hub, environment: test }
registries:
  - { host: registry.example.org, auth: { env: { username: refit, password: "\${PASSWORD}" } } }
  - { host: private.example.org, auth: imagePullSecrets }
  - { host: named.example.org, auth: { secretRef: vault/pull } }
policies:
  - name: core
    select: { namespaces: [hub], images: ['*'] }
    mode: approve
    migrations: [{ kind: job, command: [x], database: "\${LEDGER_URL}", rehearse: { copy: "\${COPY_URL}", env: URL } }]
    health: [{ prometheus: "http://prom.example.org:9090", query: up, max: 1 }, { url: "\${PROBE}/health" }]
  - { name: watched, select: { namespaces: [other], images: ['*'] }, mode: watch, gitops: { repository: "https://git.example.org/x.git", file: a.yaml } }
alerts: [{ slack: "\${SLACK}" }, { email: { smtp: "smtps://u:\${PASSWORD}@mail.example.org", from: a@b.org, to: [c@d.org] } }]
heartbeat: https://beat.example.org/\${TOKEN}
`,
})
const found = (changed: Partial<Accounts> = {}) =>
  permissionsFor(config, {
    ...{ namespace: 'refit', worker: 'refit', server: 'refit-server', serverLooks: false, pullSecrets: [] },
    ...{
      cluster: false,
      env,
      temporal: { address: 'temporal:7233', namespace: 'green' },
      searchAttributes: ['RefitTo'],
    },
    ...changed,
  })
const grantsOf = (changed: Partial<Accounts> = {}) =>
  found(changed).kubernetes.grants.map(({ account, namespace, rules }) => [
    `${account} in ${namespace}`,
    rules.flatMap(({ resources, verbs, resourceNames = [] }) =>
      resources.map((each) => `${verbs.join(' ')} ${[each, ...resourceNames].join(' ')}`),
    ),
  ])

test('each namespace gets what its policies need, named Secrets among it', () => {
  const grants = Object.fromEntries(grantsOf()) as Record<string, string[]>
  expect(Object.keys(grants)).toEqual(['worker in hub', 'worker in other', 'worker in vault'])
  expect(grants['worker in hub']).toContain('list get watch patch deployments')
  expect(grants['worker in other']).toContain('list deployments')
  expect(grants['worker in vault']).toEqual(['get secrets pull'])
})

test('Secrets of imagePullSecrets are named by whoever asks, and missed until then', () => {
  expect(found().kubernetes.open).toEqual([expect.stringContaining('private.example.org: --pull-secret NAME')])
  const named = found({ pullSecrets: ['regcred'] })
  expect(named.kubernetes.open).toEqual([])
  expect(Object.fromEntries(grantsOf({ pullSecrets: ['regcred'] }))['worker in other']).toContain('get secrets regcred')
})

test('the server gets nothing, and where it may look it writes nothing and follows nothing', () => {
  expect(found().kubernetes.manifests).toContainEqual({
    ...{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'refit-server', namespace: 'refit' } },
    automountServiceAccountToken: false,
  })
  const server = Object.fromEntries(grantsOf({ serverLooks: true }))['server in hub'] as string[]
  expect(server).toContain('list get deployments')
  expect(server.filter((each) => !/^(list|get|list get) /.test(each))).toEqual([])
})

test('the manifests have a Role and a binding for each grant, cluster-wide ones only when asked for', () => {
  const kinds = (changed: Partial<Accounts> = {}) =>
    found(changed).kubernetes.manifests.map((each) => (each as { kind: string }).kind)
  expect(kinds()).toEqual([
    'ServiceAccount',
    'ServiceAccount',
    ...Array.from({ length: 3 }, () => ['Role', 'RoleBinding']).flat(),
  ])
  expect(kinds({ cluster: true }).slice(-2)).toEqual(['ClusterRole', 'ClusterRoleBinding'])
})

test('databases by their variables, the store with the names of its address', () => {
  expect(found().databases.map(({ variable, sql }) => [variable, sql.length > 0])).toEqual([
    ['DATABASE_URL', true],
    ['LEDGER_URL', true],
    ['COPY_URL', false],
  ])
  expect(found().databases[0]?.sql).toContain('grant connect, temporary on database refit_store to refit_login;')
})

test('the ways out name host and port, a variable where the environment does not say, and no policy that watches', () => {
  expect(found().egress.map(({ to }) => to)).toEqual([
    ...['pg.example.org:5432', 'temporal:7233', 'the API server of Kubernetes'],
    ...['registry.example.org:443', 'private.example.org:443', 'named.example.org:443'],
    ...['hooks.example.org:443', 'mail.example.org:465', 'beat.example.org:443'],
    ...['my.example.org:3307', '${COPY_URL}', 'prom.example.org:9090', '${PROBE}'],
  ])
})

test('no secret is in it', () => {
  expect(JSON.stringify(found())).not.toContain('hunter2')
})

test('search attributes can be made before, by somebody else', () => {
  expect(found().temporal.once).toEqual([
    'temporal operator search-attribute create --namespace green --name RefitTo --type Keyword',
  ])
})

test.each([
  ['https://a.example/x?y', 'a.example:443'],
  ['http://a.example:81', 'a.example:81'],
  ['postgres://u:p@h/d', 'h:5432'],
  ['no address', undefined],
  ['file:///etc/passwd', undefined],
])('the place of %s', (address, place) => {
  expect(placeOf(address)).toBe(place)
})
