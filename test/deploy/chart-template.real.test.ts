import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { loadConfig } from '../../src/config'
import { chartFolder, type Helm, type Manifest, openHelm, watching } from './chart'

const root = join(__dirname, '../..')
let helm: Helm
beforeAll(async () => {
  helm = await openHelm()
})
afterAll(() => helm?.close())

const hub = { name: 'hub', write: true }
const base = { config: watching, namespaces: [hub] }
const everything = {
  ...base,
  namespaces: [{ name: 'hub', write: true, rehearse: true, secrets: ['registry'] }, { name: 'other' }],
  ...{ nodes: true, selfUpgrade: true, uninstallHook: { enabled: true }, tolerations: [{ operator: 'Exists' }] },
  image: {
    repository: 'registry.example.org/refit',
    tag: '0.2.0',
    digest: `sha256:${'a'.repeat(64)}`,
    pullSecrets: ['pull'],
  },
  server: { replicas: 2, ingress: { enabled: true, host: 'refit.example.org', tlsSecret: 'tls' } },
  serviceMonitor: { enabled: true, serverToken: 'scrape', labels: { release: 'prometheus' } },
  networkPolicy: {
    scrapedFrom: [{ namespaceSelector: {} }],
    serverFrom: [{ namespaceSelector: {} }],
    egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }],
  },
  env: [{ name: 'TEMPORAL_TLS', value: 'true' }],
  extraVolumes: [{ name: 'certs', secret: { secretName: 'certs' } }],
  extraVolumeMounts: [{ name: 'certs', mountPath: '/certs', readOnly: true }],
}

const named = (manifests: Manifest[], kind: string, name: string): Manifest => {
  const found = manifests.find((each) => each.kind === kind && each.metadata.name === name)
  if (!found) throw new Error(`no ${kind} ${name} among ${manifests.map((each) => each.metadata.name).join(', ')}`)
  return found
}
const ids = (manifests: Manifest[]): string[] =>
  manifests.map(
    ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}${metadata.namespace ? '/' : ''}${metadata.name}`,
  )

test.each([
  ['the least that is needed', base],
  ['everything', everything],
])('helm lint is content with %s', async (_, values) => {
  const file = await helm.valuesFile(values)
  const said = await helm.run('lint', chartFolder, '--strict', '--kube-version', 'v1.34.0', '--values', file)
  expect(said).toContain('0 chart(s) failed')
})

describe('what is made', () => {
  test.each<[string, object, string[]]>([
    [
      'by default',
      base,
      [
        ...['ConfigMap refit', 'Deployment refit-server', 'Deployment refit-worker', 'Job refit-migrate'],
        ...['NetworkPolicy refit-server', 'NetworkPolicy refit-worker'],
        ...['PodDisruptionBudget refit-server', 'PodDisruptionBudget refit-worker'],
        ...['Role hub/refit', 'RoleBinding hub/refit', 'Service refit-server'],
        ...['ServiceAccount refit', 'ServiceAccount refit-migrate', 'ServiceAccount refit-server'],
      ],
    ],
    [
      'with the least',
      {
        existingConfigMap: 'mine',
        ...{ server: { enabled: false }, migrate: { enabled: false } },
        ...{ podDisruptionBudget: { enabled: false }, networkPolicy: { enabled: false } },
      },
      ['Deployment refit-worker', 'ServiceAccount refit'],
    ],
  ])('%s', async (_, values, expected) => {
    expect(ids(await helm.template(values)).sort()).toEqual(expected)
  })

  test('with everything: what is cluster-wide are nodes, to read', async () => {
    const manifests = await helm.template(everything)
    expect(ids(manifests)).toEqual(
      expect.arrayContaining([
        ...['Role hub/refit', 'Role other/refit', 'Role refit/refit-self', 'Job refit-uninstall'],
        ...['Ingress refit-server', 'ServiceMonitor refit-worker', 'ServiceMonitor refit-server'],
      ]),
    )
    const clusterWide = manifests.filter(({ kind }) => kind === 'ClusterRole')
    expect(clusterWide.map(({ rules }) => rules)).toEqual([
      [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }],
    ])
  })

  test('two hubs in one cluster do not share a name', async () => {
    const [green, blue] = await Promise.all(['green', 'blue'].map((name) => helm.template(base, name)))
    expect(ids(green ?? []).filter((id) => ids(blue ?? []).includes(id))).toEqual([])
    expect(ids(green ?? [])).toContain('Deployment green-refit-worker')
  })
})

test('no Role has a wildcard, a list of Secrets, or more in namespaces that are only watched than reading', async () => {
  const manifests = await helm.template(everything)
  const rules = manifests.flatMap((each) => each.rules ?? [])
  expect(JSON.stringify(rules)).not.toContain('*')
  for (const rule of rules.filter(({ resources }) => resources.includes('secrets')))
    expect(rule.resourceNames ? rule.verbs : ['create']).toEqual(rule.verbs)
  const watched = manifests.find(({ kind, metadata }) => kind === 'Role' && metadata.namespace === 'other')
  expect(new Set(watched?.rules?.flatMap(({ verbs }) => verbs))).toEqual(new Set(['list']))
})

test('the rights are those of deploy/manifest, verb by verb', async () => {
  const flat = (rules: Manifest['rules'] = []): string[] => [
    ...new Set(
      rules.flatMap(({ apiGroups, resources, verbs }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}.${group}`)),
        ),
      ),
    ),
  ]
  const shipped = (file: string): string[] =>
    parseAllDocuments(readFileSync(join(root, 'deploy/manifest', file), 'utf8')).flatMap((document) =>
      flat((document.toJS() as Manifest).rules),
    )
  const roleOf = async (namespace: object): Promise<string[]> =>
    flat(named(await helm.template({ ...base, namespaces: [namespace] }), 'Role', 'refit').rules)
  const watch = shipped('role-watch.yaml')
  const write = shipped('role-approve.yaml')
  expect((await roleOf({ name: 'hub' })).sort()).toEqual(watch.sort())
  expect((await roleOf(hub)).sort()).toEqual([...new Set([...watch, ...write])].sort())
  expect((await roleOf({ ...hub, rehearse: true })).sort()).toEqual(
    [...new Set([...watch, ...write, ...shipped('role-rehearse.yaml')])].sort(),
  )
})

test('every pod runs without root, without capabilities, on a root that is read only', async () => {
  const manifests = await helm.template(everything)
  const pods = manifests.filter(({ kind }) => ['Deployment', 'Job'].includes(kind))
  expect(ids(pods).sort()).toEqual([
    ...['Deployment refit-server', 'Deployment refit-worker', 'Job refit-migrate', 'Job refit-uninstall'],
  ])
  for (const { spec } of pods)
    expect(spec).toMatchObject({
      template: {
        spec: {
          imagePullSecrets: [{ name: 'pull' }],
          securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
          tolerations: [{ operator: 'Exists' }],
          containers: [
            {
              image: `registry.example.org/refit:0.2.0@sha256:${'a'.repeat(64)}`,
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              resources: { limits: { memory: expect.any(String) } },
              volumeMounts: expect.arrayContaining([{ name: 'certs', mountPath: '/certs', readOnly: true }]),
            },
          ],
        },
      },
    })
})

test('the hook needs nothing of what is made after it', async () => {
  const manifests = await helm.template(base)
  const isHook = ({ metadata }: Manifest): boolean => metadata.annotations?.['helm.sh/hook'] !== undefined
  const job = named(manifests, 'Job', 'refit-migrate')
  const later = manifests.filter((each) => !isHook(each)).map(({ kind, metadata }) => `${kind} ${metadata.name}`)
  const pod = (
    job.spec as { template: { spec: { serviceAccountName: string; volumes: object[]; containers: object[] } } }
  ).template.spec
  expect(later).not.toContain(`ServiceAccount ${pod.serviceAccountName}`)
  expect(named(manifests, 'ServiceAccount', pod.serviceAccountName).metadata.annotations).toMatchObject({
    'helm.sh/hook': 'pre-install,pre-upgrade',
    'helm.sh/hook-weight': '-5',
  })
  expect(pod.volumes).toEqual([{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }])
  expect(JSON.stringify(pod.containers)).not.toContain('configMap')
  // It ends by itself before helm gives up (5 minutes).
  expect(job.spec).toMatchObject({ activeDeadlineSeconds: 240, backoffLimit: 2 })
})

test('a worker gets longer to stop than it takes, and its successor polls first', async () => {
  expect(named(await helm.template(base), 'Deployment', 'refit-worker').spec).toMatchObject({
    strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: { spec: { terminationGracePeriodSeconds: 60 } },
  })
})

test('another refit.yaml starts pods anew, another image does not count as one', async () => {
  const annotated = async (values: object): Promise<unknown> => {
    const { spec } = named(await helm.template({ ...base, ...values }), 'Deployment', 'refit-worker')
    return (spec as { template: { metadata: { annotations: unknown } } }).template.metadata.annotations
  }
  const [first, again, other] = await Promise.all(
    [{}, { image: { tag: '9.9.9' } }, { config: `${watching}# \n` }].map(annotated),
  )
  expect(again).toEqual(first)
  expect(other).not.toEqual(first)
})

test('a budget never has a minimum, so that a node with the only worker can be drained', async () => {
  const budgets = (await helm.template(base)).filter(({ kind }) => kind === 'PodDisruptionBudget')
  for (const { spec } of budgets) expect(spec).toMatchObject({ maxUnavailable: 1 })
})

test('the version is that of package.json', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const chart = readFileSync(join(chartFolder, 'Chart.yaml'), 'utf8')
  expect(chart).toMatch(new RegExp(`^version: ${version}$`, 'm'))
  expect(chart).toMatch(new RegExp(`^appVersion: ${version}$`, 'm'))
})

test('refit.yaml arrives letter by letter', async () => {
  const config = named(await helm.template(base), 'ConfigMap', 'refit')
  expect(config.data).toEqual({ 'refit.yaml': watching })
  const file = await helm.valuesFile({})
  const { writeFile } = await import('node:fs/promises')
  await writeFile(file, config.data?.['refit.yaml'] ?? '')
  expect(loadConfig({ file, env: {} }).hub.name).toBe('test-hub')
})

test.each<[string, object, RegExp]>([
  ['no refit.yaml', {}, /Give refit\.yaml: --set-file config=refit\.yaml, or existingConfigMap/],
  ['two of them', { config: watching, existingConfigMap: 'mine' }, /not both/],
  ['a key that is none', { ...base, wroker: {} }, /wroker/],
  ['a misspelt right', { ...base, namespaces: [{ name: 'hub', wirte: true }] }, /wirte/],
  ['a namespace without a name', { ...base, namespaces: [{ write: true }] }, /name/],
  ['a wildcard as a namespace', { ...base, namespaces: [{ name: '*' }] }, /namespaces\/0\/name|namespaces\.0\.name/],
  ['no worker', { ...base, worker: { replicas: 0 } }, /replicas/],
  ['a grace that is shorter than the worker needs', { ...base, worker: { terminationGracePeriodSeconds: 30 } }, /50/],
  ['a tag in the repository', { ...base, image: { repository: 'Registry.example.org/refit' } }, /repository/],
  ['a digest that is none', { ...base, image: { digest: 'sha256:abc' } }, /digest/],
  ['a Temporal without a port', { ...base, temporal: { address: 'temporal' } }, /address/],
  ['a secret among the variables', { ...base, env: [{ name: 'DATABASE_URL', value: 'x' }] }, /env/],
  ['an Ingress without a host', { ...base, server: { ingress: { enabled: true } } }, /host/],
  ['no Secret', { ...base, existingSecret: '' }, /existingSecret/],
])('values are refused: %s', async (_, values, said) => {
  await expect(helm.template(values)).rejects.toThrow(said)
})
