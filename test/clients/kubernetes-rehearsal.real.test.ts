import type { RehearsalSpec } from '../../src/clients/contracts'
import { images, openCluster, until, type Cluster } from './kubernetes-cluster'

let cluster: Cluster

beforeAll(async () => {
  cluster = await openCluster()
})
afterAll(() => cluster?.close())

const url = 'postgres://refit_rehearsal_1:secret-word@copy.example.org:6543/refit_rehearsal_2'

const rehearsal = (namespace: string, more: Partial<RehearsalSpec> = {}): RehearsalSpec => ({
  ...{ namespace, name: 'refit-rehearsal-abc', image: images.wanted, command: ['npm', 'run', 'migrate'] },
  ...{ deadlineMs: 60_000, env: 'DATABASE_URL', url, addresses: ['10.1.2.3', 'fd00::1'], port: 6543 },
  hosts: { 'copy.example.org': '10.1.2.3' },
  like: { workload: 'ledger', container: 'run-migration' },
  labels: { 'refit.dev/service': 'ledger' },
  ...more,
})

const read = async (namespace: string, what: string): Promise<Record<string, never>[]> =>
  (JSON.parse(await cluster.kubectl('-n', namespace, 'get', what, '-o', 'json')) as { items: never[] }).items

const rehearsals = async (namespace: string): Promise<string[]> =>
  (
    await cluster.kubectl(
      ...['-n', namespace, 'get', 'jobs,secrets,networkpolicies,pods', '-l', 'refit.dev/rehearsal', '-o', 'name'],
    )
  )
    .split('\n')
    .filter(Boolean)

test('a Job before approval gets the copy, and nothing else of the hub', async () => {
  const { namespace } = await cluster.hub()
  await cluster.kubernetes.startRehearsal(rehearsal(namespace))
  await until(
    () => cluster.kubernetes.jobState(namespace, 'refit-rehearsal-abc'),
    ({ kind }) => kind === 'succeeded',
  )
  const [job] = (await read(namespace, 'jobs')) as never as { spec: { template: { spec: Record<string, unknown> } } }[]
  expect(job?.spec).toMatchObject({
    ...{ backoffLimit: 0, activeDeadlineSeconds: 60, ttlSecondsAfterFinished: 600, suspend: false },
    template: {
      spec: {
        ...{ automountServiceAccountToken: false, enableServiceLinks: false, restartPolicy: 'Never' },
        securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
        hostAliases: [{ ip: '10.1.2.3', hostnames: ['copy.example.org'] }],
        containers: [
          {
            ...{ image: images.wanted, command: ['npm', 'run', 'migrate'] },
            env: [
              {
                name: 'DATABASE_URL',
                valueFrom: { secretKeyRef: { name: 'refit-rehearsal-abc', key: 'url' } },
              },
            ],
            resources: { limits: { cpu: '1', memory: '512Mi', 'ephemeral-storage': '1Gi' } },
            securityContext: { allowPrivilegeEscalation: false, privileged: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    },
  })
  const spec = job?.spec.template.spec
  expect(spec).not.toHaveProperty('volumes')
  expect(spec).not.toHaveProperty('serviceAccountName')
  expect(JSON.stringify(job)).not.toContain('secret-word')

  // What the API server's own admission makes of the pod counts, not what was sent.
  const pods = (await read(namespace, 'pods')) as never as { metadata: { labels: object }; spec: never }[]
  const pod = pods.find(({ metadata }) => 'refit.dev/rehearsal' in metadata.labels)
  expect(pod?.spec).toMatchObject({
    automountServiceAccountToken: false,
    containers: [{ env: [{ name: 'DATABASE_URL' }] }],
  })
  expect(JSON.stringify(pod?.spec)).not.toMatch(/serviceaccount\/|secret-word|envFrom|volumeMounts/)
})

test('a NetworkPolicy selects its pod, lets nobody in, and lets it out to the copy alone', async () => {
  const { namespace } = await cluster.hub()
  await cluster.kubernetes.startRehearsal(rehearsal(namespace))
  const [policy] = (await read(namespace, 'networkpolicies')) as never as { spec: object; metadata: object }[]
  expect(policy?.spec).toEqual({
    podSelector: { matchLabels: { 'refit.dev/rehearsal': 'refit-rehearsal-abc' } },
    policyTypes: ['Ingress', 'Egress'],
    egress: [
      {
        to: [{ ipBlock: { cidr: '10.1.2.3/32' } }, { ipBlock: { cidr: 'fd00::1/128' } }],
        ports: [{ protocol: 'TCP', port: 6543 }],
      },
    ],
  })
  expect(policy?.metadata).toMatchObject({ ownerReferences: [{ kind: 'Job', name: 'refit-rehearsal-abc' }] })
})

test('all of it is deleted at the end, once and again', async () => {
  const { namespace } = await cluster.hub()
  await cluster.kubernetes.startRehearsal(rehearsal(namespace))
  expect(await rehearsals(namespace)).toEqual(
    expect.arrayContaining([
      'job.batch/refit-rehearsal-abc',
      'secret/refit-rehearsal-abc',
      'networkpolicy.networking.k8s.io/refit-rehearsal-abc',
    ]),
  )
  for (let times = 0; times < 2; times += 1) await cluster.kubernetes.endRehearsal(namespace, 'refit-rehearsal-abc')
  await until(
    () => rehearsals(namespace),
    (left) => left.length === 0,
  )
})

test('what a killed worker left goes with its Job: Secret and NetworkPolicy are its own', async () => {
  const { namespace } = await cluster.hub()
  await cluster.kubernetes.startRehearsal(rehearsal(namespace))
  await cluster.kubectl('-n', namespace, 'delete', 'job', 'refit-rehearsal-abc')
  await until(
    () => rehearsals(namespace),
    (left) => left.length === 0,
  )
})

test('when the pod can not be fenced in, nothing is started and nothing is left', async () => {
  const { namespace } = await cluster.hub()
  const bad = rehearsal(namespace, { addresses: ['no-address'] })
  await expect(cluster.kubernetes.startRehearsal(bad)).rejects.toMatchObject({ code: 'KUBERNETES_INVALID' })
  await until(
    () => rehearsals(namespace),
    (left) => left.length === 0,
  )
})

test('a workload that is gone is named', async () => {
  const { namespace } = await cluster.hub()
  const bad = rehearsal(namespace, { like: { workload: 'gone', container: 'x' } })
  await expect(cluster.kubernetes.startRehearsal(bad)).rejects.toMatchObject({ code: 'KUBERNETES_NOT_FOUND' })
})
