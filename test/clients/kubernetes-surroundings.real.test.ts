import { checkPreflight, type Around } from '../../src/domain/preflight'
import type { Workload } from '../../src/domain/service'
import { contract, digest, planOf, policy, service } from '../domain/fixtures'
import { ledgerDeployment, openCluster, until, type Cluster } from './kubernetes-cluster'

let cluster: Cluster

beforeAll(async () => {
  cluster = await openCluster()
})
afterAll(() => cluster?.close())

const object = (namespace: string, apiVersion: string, kind: string, name: string, spec: object) => ({
  ...{ apiVersion, kind, metadata: { name, namespace }, spec },
})

/** What preflight says of the API's Deployment now, as a plan of it would be checked. */
async function checked(namespace: string, rules: object = {}): Promise<string[]> {
  const [ledger] = await cluster.kubernetes.observeServices([namespace])
  const now = ledger?.workloads[0] as Workload
  const around: Around = {
    ...(await cluster.kubernetes.surroundings(namespace, [now])),
    ...{ platforms: [], oneNode: false, unlooked: [], images: { from: contract(), to: contract() } },
  }
  const alone = service({ namespace, workloads: [now], repository: ledger?.repository ?? '' })
  const plan = planOf({ service: alone, policy: policy({ rollout: { ...policy().rollout, ...rules } }) })
  const found = checkPreflight({ plan, service: alone, candidateDigestNow: digest('b'), around })
  return found.kind === 'refused' ? found.problems.map(({ reason }) => reason) : found.warnings
}

/** The answers of the API server's lists are kept for a second. */
const settled = (namespace: string, words: RegExp, rules: object = {}): Promise<string[]> =>
  until(
    () => checked(namespace, rules),
    (said) => said.some((each) => words.test(each)),
  )

test('a namespace with nothing in the way has nothing to say of its pods but their drain', async () => {
  const { namespace } = await cluster.hub()
  expect(await checked(namespace)).toEqual([])
  await cluster.apply(
    object(namespace, 'v1', 'Service', 'ledger', { selector: { app: 'ledger' }, ports: [{ port: 80 }] }),
  )
  expect(await settled(namespace, /./)).toEqual([expect.stringContaining('ledger has no preStop hook')])
})

test('a full quota, a budget and a volume of one node are all named at once', async () => {
  const { namespace } = await cluster.hub()
  const size = { storage: '1Gi' }
  const common = { accessModes: ['ReadWriteOnce'], storageClassName: '' }
  await cluster.apply(
    // Nobody makes volumes on simulated nodes.
    {
      ...{ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: `volume-of-${namespace}` } },
      spec: { ...common, capacity: size, hostPath: { path: '/tmp' }, claimRef: { namespace, name: 'data' } },
    },
    object(namespace, 'v1', 'PersistentVolumeClaim', 'data', { ...common, resources: { requests: size } }),
  )
  await cluster.kubectl('-n', namespace, 'patch', 'deployment', 'ledger', '--patch', volumePatch)
  await cluster.kubectl('-n', namespace, 'rollout', 'status', 'deployment/ledger', '--timeout=60s')
  await cluster.apply(
    object(namespace, 'v1', 'ResourceQuota', 'compute', { hard: { pods: '5', 'limits.memory': '1Gi' } }),
    object(namespace, 'policy/v1', 'PodDisruptionBudget', 'keep', {
      minAvailable: '100%',
      selector: { matchLabels: { app: 'ledger' } },
    }),
    object(namespace, 'autoscaling/v2', 'HorizontalPodAutoscaler', 'scaler', {
      ...{
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'ledger' },
        minReplicas: 2,
        maxReplicas: 9,
      },
    }),
  )
  expect(await settled(namespace, /of the 2 pods$/)).toEqual([
    expect.stringContaining('mounts claim data (ReadWriteOnce)'),
    expect.stringContaining('quota compute limits limits.memory, which not every container of ledger says'),
    expect.stringMatching(/room for 2 more pods while it rolls, and quota compute leaves 1 of the 2 pods$/),
  ])
  await cluster.kubectl('-n', namespace, 'patch', 'deployment', 'ledger', '--patch', unavailablePatch)
  expect(await settled(namespace, /PodDisruptionBudget/, { maxUnavailable: 1 })).toContainEqual(
    expect.stringMatching(/may run with 2 of 3 pods while it rolls, and PodDisruptionBudget keep wants 3$/),
  )
})

test('a rollout that never ended, and a template that Helm and an operator own', async () => {
  const { namespace } = await cluster.hub()
  await cluster.kubectl(
    '-n',
    namespace,
    'set',
    'image',
    'deployment/ledger',
    'sidecar=registry.example.org/tools/proxy:v4-never-ready',
  )
  await cluster.kubectl('-n', namespace, 'annotate', 'deployment/ledger', 'meta.helm.sh/release-name=moja')
  await cluster.kubectl('-n', namespace, 'label', 'deployment/ledger', 'app.kubernetes.io/managed-by=Helm')
  const maker = { apiVersion: 'kafka.example/v1', kind: 'Kafka', name: 'hub', uid: 'no-such-uid', controller: true }
  await cluster.kubectl(
    ...['-n', namespace, 'patch', 'deployment', 'ledger', '--patch'],
    JSON.stringify({ metadata: { ownerReferences: [maker] } }),
  )
  const said = await settled(namespace, /another rollout/)
  expect(said).toEqual([
    expect.stringContaining('ledger is owned by helm moja'),
    expect.stringContaining('ledger is made by Kafka hub'),
    expect.stringMatching(/ledger is in the middle of another rollout: \d of \d pods/),
  ])
})

test('other kinds of workloads are looked at, too', async () => {
  const { namespace } = await cluster.hub()
  const { spec } = ledgerDeployment(namespace, 'store', 2)
  const { replicas, selector, template } = spec
  await cluster.apply(
    object(namespace, 'apps/v1', 'StatefulSet', 'store', { replicas, selector, template, serviceName: 'store' }),
    object(namespace, 'batch/v1', 'CronJob', 'report', {
      schedule: '0 0 1 1 *',
      jobTemplate: { spec: { template: { spec: { ...spec.template.spec, restartPolicy: 'Never' } } } },
    }),
  )
  const refs = [
    { kind: 'StatefulSet' as const, name: 'store', uid: await uidOf(namespace, 'statefulset/store') },
    { kind: 'CronJob' as const, name: 'report', uid: await uidOf(namespace, 'cronjob/report') },
  ]
  const { settings, unread } = await cluster.kubernetes.surroundings(namespace, refs)
  expect(unread).toEqual([])
  expect(settings.map(({ kind, name, containers }) => [kind, name, containers.map((each) => each.name)])).toEqual([
    ['StatefulSet', 'store', ['run-migration', 'ledger', 'sidecar']],
    ['CronJob', 'report', ['run-migration', 'ledger', 'sidecar']],
  ])
})

const uidOf = (namespace: string, name: string): Promise<string> =>
  cluster.kubectl('-n', namespace, 'get', name, '-o', 'jsonpath={.metadata.uid}')

const volumePatch = JSON.stringify({
  spec: {
    template: {
      spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
    },
  },
})
const unavailablePatch = JSON.stringify({ spec: { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } } })
