import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { observationOf } from '../../src/clients/kubernetes/observe-rollout'
import { podObservation } from '../../src/clients/kubernetes/pod-observation'
import type { Deployment, Pod, ReplicaSet } from '../../src/clients/kubernetes/wire'
import { digest, pod } from './kubernetes-objects'

interface Situation {
  deployment: Deployment
  replicaSets: ReplicaSet[]
  pods: Pod[]
}

/** What a real API server said in the middle of a rollout of three replicas, shortened. */
const read = (name: string): Situation =>
  JSON.parse(readFileSync(join(__dirname, '../fixtures/kubernetes', `${name}.json`), 'utf8')) as Situation

const observe = ({ deployment, replicaSets, pods }: Situation) => observationOf(deployment, replicaSets, pods)
const newPods = (seen: ReturnType<typeof observe>) => seen.pods.filter(({ isNew }) => isNew)

test.each([
  ['rolling', { updated: 1, total: 4, available: 3 }, { phase: 'Running', waiting: [] }],
  [
    'crash-loop',
    { updated: 1, total: 4, available: 3 },
    {
      phase: 'Running',
      restarts: 1,
      waiting: [{ container: 'web', init: false, reason: 'CrashLoopBackOff' }],
      terminated: [{ container: 'web', init: false, reason: 'Error', exitCode: 3 }],
    },
  ],
  [
    'image-pull',
    { updated: 1, total: 4, available: 3 },
    { phase: 'Pending', waiting: [{ reason: 'ImagePullBackOff' }] },
  ],
  [
    'unschedulable',
    { updated: 1, total: 4, available: 3 },
    { phase: 'Pending', unschedulable: { message: expect.stringContaining('0/3 nodes are available') } },
  ],
])('%s: one new pod beside three old ones', (name, numbers, expected) => {
  const situation = read(name)
  const seen = observe(situation)
  expect(seen).toMatchObject({ desired: 3, paused: false, ...numbers })
  expect(seen.observedGeneration).toBe(seen.generation)
  expect(newPods(seen)).toHaveLength(1)
  expect(newPods(seen)[0]).toMatchObject({ ready: false, deleting: false, ...expected })
  expect(seen.pods.filter(({ isNew, ready }) => !isNew && ready)).toHaveLength(3)
  const progressing = situation.deployment.status?.conditions?.find(({ type }) => type === 'Progressing')
  expect(seen.conditions.find(({ type }) => type === 'Progressing')).toEqual({
    type: 'Progressing',
    status: progressing?.status,
    reason: progressing?.reason,
    message: progressing?.message,
    since: Date.parse(progressing?.lastTransitionTime ?? ''),
  })
})

test('digests are what the application containers run', () => {
  const [old] = observe(read('crash-loop')).pods.filter(({ isNew }) => !isNew)
  expect(old?.digests).toEqual([expect.stringMatching(/^sha256:[0-9a-f]{64}$/)])
})

test.each([
  ['one repository', ['x/app:v1', 'x/app:v1'], ['2', '3']],
  ['several repositories: nobody can tell which is meant', ['x/app:v1', 'x/proxy:v3'], []],
  [
    'several repositories: what is not what its own image names',
    [`x/app:v1@${digest('9')}`, `x/proxy@${digest('3')}`],
    ['2'],
  ],
])('digests of a pod with %s', (_name, [app, side], expected) => {
  const injected = 'example.org/mesh:v1'
  const running = pod(
    'p',
    [app ?? '', side ?? '', injected],
    ['2', '3', '4'].map((each) => `x@${digest(each)}`),
  )
  expect(podObservation(running, true, new Set(['c0', 'c1'])).digests).toEqual(expected.map(digest))
})

describe('which ReplicaSet is the new one', () => {
  test('none before the controller has made it, also when scaling made it say that it has seen the change', () => {
    const situation = read('rolling')
    const container = situation.deployment.spec?.template.spec?.containers[0]
    if (container) container.image = 'example.org/web:v9'
    const seen = observe(situation)
    expect(seen.observedGeneration).toBe(seen.generation)
    expect(newPods(seen)).toEqual([])
    expect(seen.templateHash).toBeUndefined()
  })

  test('scaling that the controller has not seen yet changes nothing', () => {
    const situation = read('rolling')
    const before = observe(situation)
    if (situation.deployment.metadata) situation.deployment.metadata.generation = 99
    expect(newPods(observe(situation))).toEqual(newPods(before))
    expect(before.templateHash).toMatch(/^[0-9a-z]+$/)
  })

  test('after a change back it is the old one again, at once', () => {
    const situation = read('rolling')
    const old = situation.replicaSets.find((each) => each.spec?.replicas === 3)
    const { app } = old?.spec?.template?.metadata?.labels ?? {}
    const template = { metadata: { labels: { app } }, spec: old?.spec?.template?.spec } as NonNullable<
      Deployment['spec']
    >['template']
    if (situation.deployment.spec) situation.deployment.spec.template = template
    expect(newPods(observe(situation))).toHaveLength(3)
  })

  test('the order of keys and nulls make no difference', () => {
    const situation = read('rolling')
    const spec = situation.deployment.spec?.template.spec
    if (situation.deployment.spec && spec)
      situation.deployment.spec.template = {
        spec: Object.fromEntries(Object.entries(spec).reverse()) as unknown as typeof spec,
        metadata: { ...situation.deployment.spec.template.metadata, creationTimestamp: null as unknown as string },
      }
    expect(newPods(observe(situation))).toHaveLength(1)
  })
})

test('pods and ReplicaSets of another Deployment with the same labels are left out', () => {
  const situation = read('rolling')
  const foreign: Pod = {
    ...(situation.pods[0] as Pod),
    metadata: { name: 'x', ownerReferences: [{ uid: 'other' } as never] },
  }
  const orphan: Pod = { ...(situation.pods[0] as Pod), metadata: { name: 'y' } }
  expect(observe({ ...situation, pods: [...situation.pods, foreign, orphan] }).pods).toHaveLength(situation.pods.length)
})

test('a quota that refuses new pods is read from the new ReplicaSet only', () => {
  const situation = read('rolling')
  const failing = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message: 'pods "web" is forbidden: exceeded quota',
    lastTransitionTime: '2026-11-23T04:31:50Z',
  }
  const fail = (isNew: boolean) => {
    for (const each of situation.replicaSets)
      if (each.status) each.status.conditions = (each.spec?.replicas === 1) === isNew ? [failing] : []
    return observe(situation).replicaFailure
  }
  expect(fail(true)).toEqual({
    reason: failing.reason,
    message: failing.message,
    since: Date.parse(failing.lastTransitionTime),
  })
  expect(fail(false)).toBeUndefined()
})

describe('one pod', () => {
  const application = new Set(['app'])
  const status = (name: string, restartCount: number, state: object, lastState: object = {}) =>
    ({ name, restartCount, state, lastState, image: 'x', imageID: `x@sha256:${'7'.repeat(64)}`, ready: false }) as never
  const podWith = (initContainerStatuses: never[], containerStatuses: never[]): Pod => ({
    metadata: { name: 'p', creationTimestamp: '2026-11-23T04:31:50Z', deletionTimestamp: '2026-11-23T04:32:50Z' },
    spec: {
      initContainers: [{ name: 'migrate' }, { name: 'proxy', restartPolicy: 'Always' }],
      containers: [{ name: 'app' }],
    },
    status: { phase: 'Running', initContainerStatuses, containerStatuses },
  })

  test('restarts of init containers and sidecars count', () => {
    const seen = podObservation(
      podWith([status('migrate', 2, {}), status('proxy', 4, {})], [status('app', 1, {})]),
      true,
      application,
    )
    expect(seen).toMatchObject({ restarts: 4, deleting: true, isNew: true, ready: false })
    expect(seen.digests).toEqual([`sha256:${'7'.repeat(64)}`])
  })

  test('an init container that ended well is no news; how others ended is', () => {
    const end = (exitCode: number, reason: string) => ({ terminated: { exitCode, reason } })
    const seen = podObservation(
      podWith(
        [status('migrate', 0, end(0, 'Completed')), status('proxy', 1, {}, end(0, 'Completed'))],
        [status('app', 2, { waiting: { reason: 'CrashLoopBackOff' } }, end(137, 'OOMKilled'))],
      ),
      true,
      application,
    )
    expect(seen.terminated).toEqual([
      { container: 'proxy', init: true, reason: 'Completed', exitCode: 0 },
      { container: 'app', init: false, reason: 'OOMKilled', exitCode: 137 },
    ])
    expect(seen.waiting).toEqual([{ container: 'app', init: false, reason: 'CrashLoopBackOff', message: '' }])
  })

  test('on which node it is, since when it is not ready, and whether its startup probe has yet to succeed', () => {
    const since = '2026-11-23T04:31:50Z'
    const running = podWith([], [{ ...(status('app', 0, { running: {} }) as object), started: false } as never])
    const placed = (startupProbe: object | undefined): Pod => ({
      ...running,
      spec: { ...running.spec, nodeName: 'node-1', containers: [{ name: 'app', startupProbe }] },
      status: { ...running.status, conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: since }] },
    })
    expect(podObservation(placed({}), true, application)).toMatchObject({
      node: 'node-1',
      unreadySince: Date.parse(since),
      starting: true,
    })
    expect(podObservation(placed(undefined), true, application)).not.toHaveProperty('starting')
    expect(podObservation(running, true, application)).not.toHaveProperty('unreadySince')
  })

  test('a pod of which nothing is known yet', () => {
    expect(podObservation({ metadata: { name: 'p' } }, false, application)).toMatchObject({
      phase: 'Unknown',
      restarts: 0,
      digests: [],
    })
  })
})
