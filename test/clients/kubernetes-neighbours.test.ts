import type { Pod } from '../../src/clients/kubernetes/wire'
import { startFakeApi, status, type Asked, type FakeApi } from './kubernetes-api'
import { deployment, pod } from './kubernetes-objects'

let api: FakeApi
beforeAll(async () => {
  api = await startFakeApi()
})
afterAll(() => api.close())

describe('neighbours', () => {
  const since = '2026-11-24T12:00:00Z'
  const owned = (name: string, owner: object, more: Partial<NonNullable<Pod['metadata']>> = {}): Pod => ({
    ...pod(name, ['x/app:v1'], [], false),
    metadata: { name, namespace: 'a', ownerReferences: [{ controller: true, ...owner } as never], ...more },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: since }] },
  })
  const replicaSet = { kind: 'ReplicaSet', name: 'web-abc' }
  const hashed = { labels: { 'pod-template-hash': 'abc' } }
  const items = [
    owned('one', replicaSet, hashed),
    owned('two', { kind: 'StatefulSet', name: 'db' }),
    owned('job', { kind: 'Job', name: 'nightly' }),
    owned('leaves', replicaSet, { ...hashed, deletionTimestamp: since }),
    { ...owned('over', replicaSet, hashed), status: { phase: 'Failed' } },
    { ...owned('alone', replicaSet), metadata: { name: 'alone' } },
  ]
  const seen = { images: ['x/app:v1'], ready: false, since: Date.parse(since) }

  test('living pods of workloads on the nodes, one request each', async () => {
    api.answer(() => ({ body: { items } }))
    const before = api.asked.length
    expect(await api.kubernetes.neighbours('hub', ['n1', 'n2'])).toEqual(
      [1, 2].flatMap(() => [
        { workload: 'a/web', ...seen },
        { workload: 'a/db', ...seen },
      ]),
    )
    expect(api.asked.slice(before).map(({ path, query }) => `${path} ${query.fieldSelector}`)).toEqual([
      '/api/v1/pods spec.nodeName=n1',
      '/api/v1/pods spec.nodeName=n2',
    ])
  })

  test('of the namespace where others may not be listed', async () => {
    api.answer(({ path }) => (path === '/api/v1/pods' ? status(403, 'Forbidden', 'no') : { body: { items } }))
    expect(await api.kubernetes.neighbours('hub', ['n1'])).toHaveLength(2)
  })

  test('an API server that is away is an error', async () => {
    api.answer(() => status(500, 'InternalError', 'etcd is gone'))
    await expect(api.kubernetes.neighbours('hub', ['n1'])).rejects.toMatchObject({ code: 'KUBERNETES_UNAVAILABLE' })
  })
})

describe('a pod that finds no node', () => {
  const web = deployment('web', { containers: [{ image: 'x/app:v1' }] })
  const { template } = web.spec!
  const set = {
    metadata: { name: 'web-abc', uid: 'rs', ownerReferences: [{ uid: 'uid-web' }] },
    spec: { template },
  }
  const lost = (name: string): Pod => ({
    metadata: { name, ownerReferences: [{ uid: 'rs' } as never] },
    status: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' }],
    },
  })
  const ref = { kind: 'Deployment' as const, name: 'web', uid: 'uid-web' }
  const answer = (events: (asked: Asked) => ReturnType<typeof status>) =>
    api.answer((asked) => {
      if (asked.path.endsWith('/deployments/web')) return { body: web }
      if (asked.path.endsWith('/replicasets')) return { body: { items: [set] } }
      if (asked.path.endsWith('/pods')) return { body: { items: [lost('a'), lost('b')] } }
      return events(asked)
    })
  const scaleUps = async () =>
    (await api.kubernetes.observeRollout('hub', ref)).pods.map(({ unschedulable }) => unschedulable?.scaleUp)

  test('waits for one that an autoscaler adds, as events say', async () => {
    answer(({ query }) => ({
      body: {
        items: query.fieldSelector?.endsWith('=TriggeredScaleUp') ? [{ involvedObject: { name: 'a' } }] : [],
      },
    }))
    expect(await scaleUps()).toEqual([true, undefined])
  })

  test('without the right to read events nothing is known of it', async () => {
    answer(() => status(403, 'Forbidden', 'events is forbidden'))
    expect(await scaleUps()).toEqual([undefined, undefined])
  })

  test('an API server that is away is an error', async () => {
    answer(() => status(500, 'InternalError', 'etcd is gone'))
    await expect(scaleUps()).rejects.toMatchObject({ code: 'KUBERNETES_UNAVAILABLE' })
  })
})
