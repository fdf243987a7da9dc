import { openCluster, type Cluster } from '../clients/kubernetes-cluster'
import { chartFolder, type Helm, openHelm, watching } from './chart'

const namespace = 'refit'
let cluster: Cluster
let helm: Helm
beforeAll(async () => {
  cluster = await openCluster()
  helm = await openHelm(cluster.stack.kubernetes.kubeconfig)
  const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  await cluster.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: restricted } },
    ...['hub', 'watched'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    {
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'refit', namespace } },
      stringData: { DATABASE_URL: 'postgres://refit@127.0.0.1/refit' },
    },
  )
})
afterAll(async () => {
  await helm?.close()
  await cluster?.close()
})

const values = (tag: string, more: object = {}) => ({
  ...{ image: { repository: 'registry.example.org/refit', tag }, config: watching },
  namespaces: [{ name: 'hub', write: true }, { name: 'watched' }],
  tolerations: [{ operator: 'Exists' }],
  ...more,
})

/** As docs/install.md says it. */
async function install(tag: string, more: object = {}): Promise<string> {
  const file = await helm.valuesFile(values(tag, more))
  const flags = ['--namespace', namespace, '--values', file, '--wait', '--timeout', '2m']
  return helm.run('upgrade', '--install', 'refit', chartFolder, ...flags)
}

const imageOf = (name: string): Promise<string> =>
  cluster.kubectl(
    '-n',
    namespace,
    'get',
    'deployment',
    name,
    '-o',
    'jsonpath={.spec.template.spec.containers[0].image}',
  )
const hooks = async (): Promise<string> =>
  (await cluster.kubectl('-n', namespace, 'get', 'jobs,serviceaccounts', '-o', 'name')).trim()

const may = async (account: string, where: string, ...right: string[]): Promise<boolean> =>
  cluster
    .kubectl('auth', 'can-i', ...right, '-n', where, `--as=system:serviceaccount:${namespace}:${account}`)
    // To a no, kubectl exits with 1.
    .then(() => true)
    .catch(() => false)

test('it is installed under Pod Security "restricted", is ready, and its hook left nothing', async () => {
  expect(await install('0.1.0')).toContain('STATUS: deployed')
  for (const name of ['refit-worker', 'refit-server'])
    expect(await imageOf(name)).toBe('registry.example.org/refit:0.1.0')
  expect(await hooks()).not.toMatch(/migrate/)
})

test.each<[string, string, string[], boolean]>([
  ['refit', 'hub', ['patch', 'deployments'], true],
  ['refit', 'hub', ['create', 'jobs.batch'], true],
  ['refit', 'hub', ['list', 'secrets'], false],
  ['refit', 'hub', ['get', 'secrets'], false],
  ['refit', 'hub', ['delete', 'deployments'], false],
  ['refit', 'watched', ['list', 'deployments'], true],
  ['refit', 'watched', ['patch', 'deployments'], false],
  ['refit', namespace, ['list', 'deployments'], false],
  ['refit', 'default', ['list', 'pods'], false],
  ['refit-server', 'hub', ['list', 'pods'], false],
])('%s in %s: %j is %s', async (account, where, right, expected) => {
  expect(await may(account, where, ...right)).toBe(expected)
})

test('the only worker can be taken from a node that is drained', async () => {
  const selector = ['-l', 'app.kubernetes.io/name=refit-worker']
  const pod = await cluster.kubectl(
    '-n',
    namespace,
    'get',
    'pod',
    ...selector,
    '-o',
    'jsonpath={.items[0].metadata.name}',
  )
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace } }
  const file = await helm.valuesFile(eviction)
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`
  expect(await cluster.kubectl('create', '--raw', path, '-f', file)).toContain('Success')
  await cluster.kubectl('-n', namespace, 'rollout', 'status', 'deployment/refit-worker', '--timeout=60s')
})

test('a migration that fails stops the upgrade before anything is changed; the next try replaces it', async () => {
  const failing = install('0.1.1-run-fails', { migrate: { deadlineSeconds: 30 } })
  await expect(failing).rejects.toThrow(/pre-upgrade hooks failed: .*(BackoffLimitExceeded|DeadlineExceeded)/s)
  expect(await imageOf('refit-worker')).toBe('registry.example.org/refit:0.1.0')
  // To be looked at.
  expect(await hooks()).toContain('job.batch/refit-migrate')
  expect(await install('0.1.1')).toContain('STATUS: deployed')
  expect(await imageOf('refit-worker')).toBe('registry.example.org/refit:0.1.1')
  expect(await hooks()).not.toMatch(/migrate/)
})

test('with the rights for itself it may change its own Deployments', async () => {
  await install('0.1.1', { selfUpgrade: true })
  expect(await may('refit', namespace, 'patch', 'deployments')).toBe(true)
})

test('uninstalling asks Refit first, and leaves what the chart did not make', async () => {
  await install('0.1.1', { uninstallHook: { enabled: true } })
  await helm.run('uninstall', 'refit', '--namespace', namespace, '--wait')
  const left = await cluster.kubectl('-n', namespace, 'get', 'all,secrets,configmaps,serviceaccounts', '-o', 'name')
  expect(left.trim().split('\n').sort()).toEqual([
    'configmap/kube-root-ca.crt',
    'secret/refit',
    'serviceaccount/default',
  ])
  expect(await cluster.kubectl('get', 'roles,rolebindings', '-n', 'hub', '-o', 'name')).toBe('')
})
