import { amountOf, countsPods, demandOf, leftOf } from '../../src/clients/kubernetes/pod-demand'
import { selects } from '../../src/clients/kubernetes/label-selector'
import { settingOf, type Neighbours, type WorkloadObject } from '../../src/clients/kubernetes/setting'
import { startFakeApi, status, type FakeApi } from './kubernetes-api'
import { deployment } from './kubernetes-objects'

const image = 'example.org/a:v1'
const nobody: Neighbours = {
  ...{ autoscalers: [], budgets: [], quotas: [], ranges: [], claims: [], services: [] },
}
const of = (object: object, around: object = {}) => settingOf('Deployment', object, { ...nobody, ...around })
const templated = (spec: object, more: object = {}): object => ({
  metadata: { name: 'a' },
  spec: { template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image }], ...spec } } },
  ...more,
})
const inContainer = (container: object, spec: object = {}): object =>
  templated({ containers: [{ name: 'c', image, ...container }], ...spec })

describe('a selector', () => {
  test.each<[object | undefined, boolean]>([
    [undefined, false],
    [{}, true],
    [{ matchLabels: { app: 'a' } }, true],
    [{ matchLabels: { app: 'a', tier: 'x' } }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['a', 'b'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['a'] }] }, false],
    [{ matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['x'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'Exists' }] }, true],
    [{ matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, false],
    [{ matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'Unheard' }] }, false],
  ])('%j selects app=a: %s', (selector, expected) =>
    expect(selects(selector as Parameters<typeof selects>[0], { app: 'a' })).toBe(expected),
  )
})

describe('quantities', () => {
  test.each([
    ['500m', 0.5],
    ['2', 2],
    ['1e3', 1_000],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['128Mi', 2 ** 27],
    ['3k', 3_000],
    ['100u', 1e-4],
    ['', 0],
    ['many', 0],
    ['3Xi', 0],
  ])('%s', (quantity, amount) => expect(amountOf(quantity)).toBeCloseTo(amount, 9))
})

describe('what a pod takes', () => {
  const takes = (spec: object, ranges: object[] = []) => demandOf(spec as never, ranges)
  const wants = (cpu: string, more: object = {}) => ({ name: cpu, resources: { requests: { cpu } }, ...more })
  test.each<[string, object, object[], object]>([
    ['the sum of its containers', { containers: [wants('1'), wants('500m')] }, [], { 'requests.cpu': 1.5 }],
    [
      'its largest init container',
      { containers: [wants('1')], initContainers: [wants('2'), wants('3')] },
      [],
      { 'requests.cpu': 3 },
    ],
    [
      'sidecars beside containers and init containers',
      { containers: [wants('1')], initContainers: [wants('1', { restartPolicy: 'Always' }), wants('3')] },
      [],
      { 'requests.cpu': 4 },
    ],
    ['its overhead', { containers: [wants('1')], overhead: { cpu: '100m' } }, [], { 'requests.cpu': 1.1 }],
    [
      'limits where no request stands',
      { containers: [{ name: 'c', resources: { limits: { memory: '1Ki' } } }] },
      [],
      { 'requests.memory': 1_024, 'limits.memory': 1_024 },
    ],
    ['nothing that one container does not say', { containers: [wants('1'), { name: 'c' }] }, [], {}],
    [
      "a LimitRange's defaults",
      { containers: [wants('1'), { name: 'c' }] },
      [
        {
          spec: {
            limits: [
              { type: 'Container', default: { cpu: '4', memory: '2Ki' }, defaultRequest: { cpu: '2' } },
              { type: 'Pod', default: { cpu: '9' } },
            ],
          },
        },
      ],
      { 'requests.cpu': 3, 'limits.cpu': 8, 'limits.memory': 4_096 },
    ],
    [
      'other things where one container wants them',
      { containers: [{ name: 'c', resources: { limits: { 'example.org/gpu': '2' } } }, { name: 'd' }] },
      [],
      { 'requests.example.org/gpu': 2, 'limits.example.org/gpu': 2 },
    ],
  ])('%s', (_, spec, ranges, expected) => expect(takes(spec, ranges)).toEqual({ pods: 1, ...expected }))
})

describe('a quota', () => {
  test('leaves the difference, by the long names, and only of what pods take', () => {
    const hard = {
      cpu: '2',
      'limits.memory': '1Gi',
      pods: '4',
      'count/pods': '3',
      services: '5',
      'requests.storage': '1Ti',
    }
    const used = { cpu: '500m', 'limits.memory': '1.5Gi', pods: '2', 'count/pods': '2' }
    expect(leftOf({ status: { hard, used } })).toEqual({ 'requests.cpu': 1.5, 'limits.memory': -(2 ** 29), pods: 1 })
    expect(leftOf({ spec: { hard: { pods: '1' } } })).toEqual({ pods: 1 })
    expect(leftOf({})).toEqual({})
  })

  const scope = (scopeName: string, operator = 'Exists', values?: string[]) => ({
    scopeSelector: { matchExpressions: [{ scopeName, operator, values }] },
  })
  const plain = { containers: [{ name: 'c' }] }
  const sized = { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] }
  const urgent = { ...plain, priorityClassName: 'urgent' }
  test.each<[object, object, boolean]>([
    [{}, plain, true],
    [{ scopes: ['Terminating'] }, plain, false],
    [{ scopes: ['NotTerminating'] }, plain, true],
    [{ scopes: ['BestEffort'] }, plain, true],
    [{ scopes: ['BestEffort'] }, sized, false],
    [{ scopes: ['NotBestEffort'] }, sized, true],
    [{ scopes: ['NotBestEffort', 'Terminating'] }, sized, false],
    [{ scopes: ['CrossNamespacePodAffinity'] }, plain, false],
    [scope('PriorityClass', 'In', ['urgent']), urgent, true],
    [scope('PriorityClass', 'In', ['other']), urgent, false],
    [scope('PriorityClass', 'NotIn', ['urgent']), plain, true],
    [scope('PriorityClass', 'Exists'), plain, false],
    [scope('PriorityClass', 'DoesNotExist'), plain, true],
  ])('%j counts %j: %s', (spec, pod, expected) => expect(countsPods({ spec: spec }, pod as never)).toBe(expected))
})

describe('how a workload stands', () => {
  test('alone: the defaults of Kubernetes', () => {
    expect(of(deployment('a', { containers: [{ image }] }))).toEqual({
      ...{ kind: 'Deployment', name: 'a', demand: { pods: 1 }, graceSeconds: 30, preStopSeconds: 0 },
      ...{ getsRequests: false, budgets: [], quotas: [], claims: [] },
      containers: [{ name: 'c0', init: false, command: [], args: [], ports: [], mounts: [], nonRoot: false }],
    })
  })

  test.each<[string, object, object, object]>([
    [
      'a Service object selects its pods',
      templated({}),
      { services: [{ spec: { selector: { app: 'a' } } }] },
      { getsRequests: true },
    ],
    [
      'one without selector selects nothing',
      templated({}),
      { services: [{ spec: {} }, { spec: { selector: {} } }] },
      { getsRequests: false },
    ],
    ['Service objects that could not be read', templated({}), { services: undefined }, { getsRequests: undefined }],
    [
      'budgets that select its pods',
      templated({}),
      {
        budgets: [
          { metadata: { name: 'one' }, spec: { selector: { matchLabels: { app: 'a' } }, minAvailable: '50%' } },
          { metadata: { name: 'all' }, spec: { selector: {}, maxUnavailable: 1 } },
          { metadata: { name: 'other' }, spec: { selector: { matchLabels: { app: 'b' } }, minAvailable: 1 } },
        ],
      },
      {
        budgets: [
          { name: 'one', minAvailable: '50%' },
          { name: 'all', maxUnavailable: 1 },
        ],
      },
    ],
    [
      'quotas that count its pods',
      templated({}),
      {
        quotas: [
          { metadata: { name: 'q' }, spec: {}, status: { hard: { pods: '1' } } },
          { spec: { scopes: ['Terminating'] } },
        ],
      },
      { quotas: [{ name: 'q', left: { pods: 1 } }] },
    ],
    [
      'its autoscaler',
      templated({}),
      {
        autoscalers: [
          { metadata: { name: 'x' }, spec: { scaleTargetRef: { kind: 'StatefulSet', name: 'a' }, maxReplicas: 3 } },
          { metadata: { name: 'h' }, spec: { scaleTargetRef: { kind: 'Deployment', name: 'a' }, maxReplicas: 7 } },
        ],
      },
      { autoscaler: { name: 'h', min: 1, max: 7 } },
    ],
    [
      'claims that are not for several',
      templated({
        volumes: ['rwo', 'rwop', 'rwx', 'both', 'gone'].map((claimName) => ({
          name: claimName,
          persistentVolumeClaim: { claimName },
        })),
      }),
      {
        claims: Object.entries({
          rwo: ['ReadWriteOnce'],
          rwop: ['ReadWriteOncePod'],
          rwx: ['ReadWriteMany'],
          both: ['ReadWriteOnce', 'ReadOnlyMany'],
        }).map(([name, accessModes]) => ({ metadata: { name }, spec: { accessModes } })),
      },
      {
        claims: [
          { name: 'rwo', mode: 'ReadWriteOnce' },
          { name: 'rwop', mode: 'ReadWriteOncePod' },
        ],
      },
    ],
    [
      'a preStop that sleeps',
      inContainer({ lifecycle: { preStop: { sleep: { seconds: 7 } } } }),
      {},
      { preStopSeconds: 7 },
    ],
    [
      'a preStop that runs sleep',
      inContainer({ lifecycle: { preStop: { exec: { command: ['sh', '-c', 'nginx -s quit; sleep 15'] } } } }),
      {},
      { preStopSeconds: 15 },
    ],
    [
      'a preStop that runs something else',
      inContainer({ lifecycle: { preStop: { exec: { command: ['drain'] } } } }),
      {},
      { preStopSeconds: 0 },
    ],
    ['its grace', templated({ terminationGracePeriodSeconds: 5 }), {}, { graceSeconds: 5 }],
    [
      'its maker',
      {
        ...templated({}),
        metadata: {
          name: 'a',
          ownerReferences: [
            { kind: 'X', name: 'not' },
            { kind: 'Kafka', name: 'hub', controller: true },
          ],
        },
      },
      {},
      { madeBy: 'Kafka hub' },
    ],
    [
      'its Helm release',
      {
        ...templated({}),
        metadata: {
          name: 'a',
          labels: { 'helm.sh/chart': 'a-1' },
          annotations: { 'meta.helm.sh/release-name': 'moja', 'meta.helm.sh/release-namespace': 'ns' },
        },
      },
      {},
      { helm: { namespace: 'ns', chart: 'a-1' } },
    ],
    [
      'a tool that applies its image again',
      {
        ...templated({}),
        metadata: {
          name: 'a',
          managedFields: [
            { manager: 'kubectl', fieldsV1: { 'f:image': {} } },
            { manager: 'Terraform', fieldsV1: { 'f:spec': { 'f:image': {} } } },
          ],
        },
      },
      {},
      { appliedBy: 'Terraform' },
    ],
  ])('%s', (_, object, around, expected) => expect(of(object, around)).toMatchObject(expected))

  test('what a tool does not set is not its own', () => {
    const managedFields = [{ manager: 'Terraform', fieldsV1: { 'f:replicas': {} } }]
    expect(of({ ...templated({}), metadata: { name: 'a', managedFields } })).not.toHaveProperty('appliedBy')
  })

  test('how each container is run', () => {
    const spec = {
      securityContext: { runAsUser: 1_000, runAsNonRoot: true },
      initContainers: [{ name: 'migrate', image, command: ['npm'], args: ['run', 'migrate'], workingDir: '/opt' }],
      volumes: [
        { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
        { name: 'host', hostPath: { path: '/var' } },
        { name: 'config', configMap: { name: 'c' } },
      ],
    }
    const object = inContainer(
      {
        ports: [{ containerPort: 3001 }, { containerPort: 53, protocol: 'UDP' }],
        readinessProbe: { httpGet: { port: 3002 } },
        livenessProbe: { tcpSocket: { port: 'named' } },
        startupProbe: { grpc: { port: 3003 } },
        securityContext: { runAsUser: 7, runAsNonRoot: false },
        volumeMounts: [
          { name: 'data', mountPath: '/data' },
          { name: 'data', mountPath: '/read', readOnly: true },
          { name: 'host', mountPath: '/host' },
          { name: 'config', mountPath: '/config' },
        ],
      },
      spec,
    )
    const keeping = (keeps: boolean) => [
      { path: '/data', keeps },
      { path: '/read', keeps: false },
      { path: '/host', keeps },
      { path: '/config', keeps: false },
    ]
    const app = { name: 'c', init: false, command: [], args: [], ports: [3001, 3002, 3003], user: 7, nonRoot: false }
    expect(of(object).containers).toEqual([
      {
        ...{ name: 'migrate', init: true, command: ['npm'], args: ['run', 'migrate'], workingDir: '/opt' },
        ...{ ports: [], mounts: [], user: 1_000, nonRoot: true },
      },
      { ...app, mounts: keeping(true) },
    ])
    const owned = inContainer(
      { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
      { ...spec, securityContext: { fsGroup: 1 } },
    )
    expect(of(owned).containers.at(-1)?.mounts).toEqual([{ path: '/data', keeps: false }])
  })

  const rolling = { updateStrategy: { type: 'RollingUpdate' } }
  test.each<['Deployment' | 'StatefulSet' | 'DaemonSet' | 'CronJob', object, object, object | undefined]>([
    ['Deployment', {}, { replicas: 4, updatedReplicas: 1 }, { pods: 3, of: 4 }],
    ['Deployment', {}, { replicas: 3, updatedReplicas: 3 }, undefined],
    ['Deployment', {}, {}, undefined],
    [
      'StatefulSet',
      rolling,
      { replicas: 3, updatedReplicas: 2, currentRevision: 'a', updateRevision: 'b' },
      { pods: 1, of: 3 },
    ],
    ['StatefulSet', rolling, { replicas: 3, updatedReplicas: 2, currentRevision: 'a', updateRevision: 'a' }, undefined],
    [
      'StatefulSet',
      { updateStrategy: { rollingUpdate: { partition: 2 } } },
      { replicas: 3, currentRevision: 'a' },
      undefined,
    ],
    ['DaemonSet', {}, { desiredNumberScheduled: 5, updatedNumberScheduled: 1 }, { pods: 4, of: 5 }],
    ['DaemonSet', { updateStrategy: { type: 'OnDelete' } }, { desiredNumberScheduled: 5 }, undefined],
    ['CronJob', {}, { replicas: 9 }, undefined],
  ])('%s %j %j is in the middle of a rollout: %j', (kind, spec, state, older) =>
    expect(settingOf(kind, { metadata: { name: 'a' }, spec, status: state }, nobody).older).toEqual(older),
  )

  test('a CronJob is looked at by the template of its Jobs', () => {
    const { spec } = templated({ terminationGracePeriodSeconds: 9 }) as { spec: object }
    const object = { metadata: { name: 'a' }, spec: { jobTemplate: { spec } } }
    expect(settingOf('CronJob', object as WorkloadObject, nobody).graceSeconds).toBe(9)
  })
})

describe('reading what stands around', () => {
  let api: FakeApi
  beforeEach(async () => {
    api = await startFakeApi()
  })
  afterEach(() => api.close())
  const ref = { kind: 'Deployment' as const, name: 'a', uid: 'uid-a' }
  const listing = (kind: string, items: object[]) => (path: string) =>
    path.endsWith(`/${kind}`) ? { body: { items } } : undefined

  test('asks once for each kind of object, also for several upgrades at a time', async () => {
    api.answer(
      ({ path }) => listing('deployments', [deployment('a'), deployment('b')])(path) ?? { body: { items: [] } },
    )
    const asked = [ref, { ...ref, name: 'b', uid: 'uid-b' }]
    const both = await Promise.all([
      api.kubernetes.surroundings('hub', asked),
      api.kubernetes.surroundings('hub', [ref]),
    ])
    await api.kubernetes.surroundings('hub', [ref])
    expect(both.map(({ settings }) => settings.map(({ name }) => name))).toEqual([['a', 'b'], ['a']])
    expect(api.asked.map(({ path }) => path.split('/').at(-1)).sort()).toEqual([
      ...['deployments', 'horizontalpodautoscalers', 'limitranges', 'persistentvolumeclaims'],
      ...['poddisruptionbudgets', 'resourcequotas', 'services'],
    ])
  })

  test('a workload that was created again has no setting', async () => {
    api.answer(
      ({ path }) =>
        listing('deployments', [deployment('a', { metadata: { uid: 'new' } })])(path) ?? { body: { items: [] } },
    )
    expect(await api.kubernetes.surroundings('hub', [ref])).toEqual({ settings: [], unread: [] })
  })

  test('what may not be listed is named, and the rest is looked at', async () => {
    api.answer(({ path }) =>
      /quotas|budgets/.test(path)
        ? status(403, 'Forbidden', 'User "x" cannot list resource "resourcequotas"')
        : (listing('deployments', [deployment('a')])(path) ?? { body: { items: [] } }),
    )
    const around = await api.kubernetes.surroundings('hub', [ref])
    expect(around).toMatchObject({ settings: [{ name: 'a' }], unread: ['poddisruptionbudgets', 'resourcequotas'] })
  })

  test('an API server that fails is an error', async () => {
    api.answer(() => status(500, 'InternalError', 'etcd is gone'))
    await expect(api.kubernetes.surroundings('hub', [ref])).rejects.toMatchObject({ code: 'KUBERNETES_UNAVAILABLE' })
  })
})
