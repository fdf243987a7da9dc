import { jobManifest } from '../../src/clients/kubernetes/job-manifest'
import {
  cronJobObservation,
  daemonSetObservation,
  newestRun,
  statefulSetObservation,
} from '../../src/clients/kubernetes/observation-kinds'
import { servicesOf } from '../../src/clients/kubernetes/observe-services'
import { patchOf } from '../../src/clients/kubernetes/patch-images'
import type { ControllerRevision, Job, StatefulSet, WorkloadObject } from '../../src/clients/kubernetes/wire'
import { workloadOf } from '../../src/clients/kubernetes/workload'
import { cronJob, daemonSet, image, owned, podOf, repository, statefulSet, template } from './kubernetes-kind-objects'
import { deployment } from './kubernetes-objects'

test.each<[string, WorkloadObject, object]>([
  ['a StatefulSet', statefulSet(), { type: 'RollingUpdate', maxSurge: 0, maxUnavailable: 1 }],
  [
    'a StatefulSet with a partition',
    statefulSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2, maxUnavailable: '50%' } } }),
    { type: 'RollingUpdate', maxSurge: 0, maxUnavailable: 2, partition: 2 },
  ],
  [
    'a StatefulSet with OnDelete',
    statefulSet({ updateStrategy: { type: 'OnDelete' } }),
    { type: 'OnDelete', maxSurge: 0, maxUnavailable: 0 },
  ],
  ['a DaemonSet', daemonSet(), { type: 'RollingUpdate', maxSurge: 0, maxUnavailable: 1 }],
  [
    'a DaemonSet that counts in percent, rounded up',
    daemonSet({ updateStrategy: { rollingUpdate: { maxUnavailable: '15%' } } }),
    { type: 'RollingUpdate', maxSurge: 0, maxUnavailable: 2 },
  ],
  [
    'a DaemonSet with a surge',
    daemonSet({ updateStrategy: { rollingUpdate: { maxSurge: '5%', maxUnavailable: 0 } } }),
    { type: 'RollingUpdate', maxSurge: 1, maxUnavailable: 0 },
  ],
  ['a CronJob', cronJob(), { type: 'OnDelete', maxSurge: 0, maxUnavailable: 0 }],
])('how %s replaces its pods', (_, object, strategy) =>
  expect(workloadOf(object, repository)).toMatchObject({ kind: object.kind, strategy, paused: false }),
)

test('nobody asks for a readiness probe or a preStop hook of a CronJob', () => {
  expect(workloadOf(cronJob(), repository)).toMatchObject({ replicas: 0, hasReadinessProbe: true, hasPreStop: true })
  expect(workloadOf(daemonSet(), repository)).toMatchObject({ replicas: 10, hasReadinessProbe: false })
})

test('queue consumers come after what takes requests, then singletons, then CronJobs', () => {
  const named = (name: string, object: WorkloadObject) => ({ ...object, metadata: { ...object.metadata, name } })
  const make = (name: string, replicas: number, more: object = {}) =>
    deployment(name, { replicas, containers: [{ image: image('v1'), ...more }] })
  const ports = { ports: [{ containerPort: 3000 }] }
  const services = servicesOf(
    'hub',
    [
      named('a', cronJob()),
      named('b', make('b', 1, ports)),
      named('c', statefulSet({ replicas: 1 })),
      named('d', make('d', 5)),
      named('e', statefulSet()),
      named('f', daemonSet({ template: template('v1', ports) }, 1)),
      named('g', make('g', 2, ports)),
      deployment('h', { strategy: { type: 'Recreate' }, containers: [{ image: image('v1') }] }),
    ],
    [],
  )
  expect(services[0]?.workloads.map(({ name }) => name)).toEqual(['f', 'g', 'd', 'e', 'b', 'c', 'h', 'a'])
})

test('the images of a CronJob are patched where it keeps them', () => {
  const change = { name: 'ledger', init: false, from: image('v2'), to: image('v3') }
  expect(patchOf(cronJob(), 'hub', [change]).at(-1)).toEqual({
    op: 'replace',
    path: '/spec/jobTemplate/spec/template/spec/containers/0/image',
    value: image('v3'),
  })
  expect(() => patchOf(cronJob(), 'hub', [{ ...change, from: image('v1') }])).toThrow(
    `Somebody changed container ledger of cronjob hub/report: it runs ${image('v2')}`,
  )
})

test('a migration Job is made like a container of any kind', () => {
  const like = { kind: 'CronJob' as const, workload: 'report', container: 'ledger' }
  const job = { namespace: 'hub', name: 'j', image: 'i', command: ['true'], deadlineMs: 1_000, labels: {}, like }
  expect(jobManifest(job, cronJob()).spec?.template.spec?.containers).toMatchObject([{ image: 'i' }])
  expect(() => jobManifest({ ...job, like: { ...like, container: 'x' } }, cronJob())).toThrow(
    'CronJob hub/report has no container x.',
  )
})

describe('a StatefulSet', () => {
  const pods = [
    podOf('books', 'books-0', 'books-a'),
    podOf('books', 'books-2', 'books-b'),
    podOf('other', 'x', 'books-b'),
  ]
  const newOnes = (set: StatefulSet) =>
    statefulSetObservation(set, pods).pods.flatMap(({ name, isNew }) => (isNew ? [name] : []))

  test('has new pods of the revision that it names, and no others', () => {
    const seen = statefulSetObservation(statefulSet(), pods)
    expect(newOnes(statefulSet())).toEqual(['books-2'])
    expect(seen).toMatchObject({ kind: 'StatefulSet', desired: 3, updated: 1, total: 3, templateHash: 'books-b' })
    expect(seen.pods).toHaveLength(2)
    expect(seen.wantedNew).toBeUndefined()
  })

  test('names the revision before while the change is not taken up', () => {
    const seen = statefulSetObservation(statefulSet({}, { observedGeneration: 1 }), pods)
    expect(seen.templateHash).toBeUndefined()
    expect(newOnes(statefulSet({}, { observedGeneration: 1 }))).toEqual([])
  })

  test.each<[string, object, object]>([
    ['a partition', { type: 'RollingUpdate', rollingUpdate: { partition: 1 } }, { wantedNew: 2 }],
    ['a partition above all', { type: 'RollingUpdate', rollingUpdate: { partition: 9 } }, { wantedNew: 0 }],
    ['OnDelete', { type: 'OnDelete' }, { wantedNew: 1, pending: 'pod' }],
  ])('%s', (_, updateStrategy, expected) =>
    expect(statefulSetObservation(statefulSet({ updateStrategy }), pods)).toMatchObject(expected),
  )
})

describe('a DaemonSet', () => {
  const revision = (name: string, tag: string, number: number, by = 'agent'): ControllerRevision => ({
    ...owned(by, name, { labels: { 'controller-revision-hash': name } }),
    revision: number,
    data: { spec: { template: { ...template(tag), $patch: 'replace' } } },
  })
  const pods = [podOf('agent', 'p1', 'a'), podOf('agent', 'p2', 'b')]

  test.each<[string, ControllerRevision[], string | undefined, string[]]>([
    ['the revision of its template', [revision('a', 'v1', 1), revision('b', 'v2', 2)], 'b', ['p2']],
    ['after a change back the older one, at once', [revision('a', 'v2', 1), revision('b', 'v1', 2)], 'a', ['p1']],
    ['none before it is made', [revision('a', 'v1', 1)], undefined, []],
    ["not another DaemonSet's", [revision('b', 'v2', 1, 'other')], undefined, []],
  ])('%s', (_, revisions, hash, names) => {
    const seen = daemonSetObservation(daemonSet(), revisions, pods)
    expect(seen.templateHash).toBe(hash)
    expect(seen.pods.flatMap(({ name, isNew }) => (isNew ? [name] : []))).toEqual(names)
  })

  test('with OnDelete waits for pods to be made anew', () =>
    expect(daemonSetObservation(daemonSet({ updateStrategy: { type: 'OnDelete' } }), [], pods)).toMatchObject({
      ...{ kind: 'DaemonSet', desired: 10, wantedNew: 1, pending: 'pod' },
    }))
})

describe('a CronJob', () => {
  const now = Date.UTC(2026, 11, 1, 12)
  const job = (name: string, tag: string, at: number, status: object = {}): Job => ({
    ...owned('report', name, { creationTimestamp: new Date(at).toISOString() }),
    spec: { template: template(tag) },
    status,
  })
  const done = { conditions: [{ type: 'Complete', status: 'True' }] }
  const failed = {
    conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'too often' }],
  }

  test.each<[string, Job[], object]>([
    ['no run', [], { pending: 'run' }],
    ['runs of another template', [job('old', 'v1', now, done)], { pending: 'run', lastRun: { isNew: false } }],
    [
      'the newest run decides',
      [job('a', 'v2', now - 2_000, failed), job('b', 'v2', now - 1_000, done), job('c', 'v1', now - 3_000, failed)],
      { lastRun: { name: 'b', isNew: true, createdAt: now - 1_000, state: 'succeeded', reason: '' } },
    ],
    ['a run that goes on', [job('a', 'v2', now)], { lastRun: { isNew: true, state: 'running' } }],
    [
      'a run that failed',
      [job('a', 'v2', now, failed)],
      { lastRun: { state: 'failed', reason: 'BackoffLimitExceeded, too often' } },
    ],
    ['a Job of somebody else', [{ ...job('a', 'v2', now), metadata: { name: 'a', uid: 'x' } }], { pending: 'run' }],
  ])('%s', (_, jobs, expected) => {
    const seen = cronJobObservation(cronJob(), jobs, [], now)
    expect(seen).toMatchObject({ kind: 'CronJob', desired: 0, observedGeneration: 2, generation: 2, ...expected })
    expect('pending' in seen).toBe('pending' in expected)
  })

  test('its pods are those of the newest run, and are never called ready', () => {
    const jobs = [job('a', 'v1', 1), job('b', 'v2', 2)]
    const seen = cronJobObservation(cronJob(), jobs, [podOf('a', 'p1', ''), podOf('b', 'p2', '')], now)
    expect(newestRun(cronJob(), jobs)?.metadata?.name).toBe('b')
    expect(seen.pods.map(({ name, isNew, ready }) => [name, isNew, ready])).toEqual([['p2', true, false]])
  })

  test.each<[string, object, number | undefined]>([
    ['in UTC unless it says where', {}, Date.UTC(2026, 11, 2, 4, 30)],
    ['in its time zone', { timeZone: 'Africa/Nairobi' }, Date.UTC(2026, 11, 2, 1, 30)],
    ['by a nickname', { schedule: '@hourly' }, Date.UTC(2026, 11, 1, 13)],
    ['either day field will do', { schedule: '0 0 13 * FRI' }, Date.UTC(2026, 11, 4)],
    ['not while it is suspended', { suspend: true }, undefined],
    ['a schedule that tells no time', { schedule: '@every 90m' }, undefined],
  ])('its next run: %s', (_, spec, at) => expect(cronJobObservation(cronJob(spec), [], [], now).nextRunAt).toBe(at))

  test('another template is seen by its hash', () => {
    const hash = (spec: object) => cronJobObservation(cronJob(spec), [], [], now).templateHash
    const other = { jobTemplate: { spec: { template: template('v2', { env: [{ name: 'A', value: 'b' }] }) } } }
    expect(hash({ schedule: '@daily' })).toBe(hash({}))
    expect(hash(other)).not.toBe(hash({}))
  })
})
