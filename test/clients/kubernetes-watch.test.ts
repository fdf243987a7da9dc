import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Following } from '../../src/clients/contracts'
import { RefitError } from '../../src/domain/errors'
import type { Deployment, Pod, ReplicaSet } from '../../src/clients/kubernetes/wire'
import { until } from '../support/simulated-hub'
import { startFakeApi, status, type FakeApi } from './kubernetes-api'
import { worldOf } from './kubernetes-world'

interface Situation {
  deployment: Deployment
  replicaSets: ReplicaSet[]
  pods: Pod[]
}
const rolling = JSON.parse(readFileSync(join(__dirname, '../fixtures/kubernetes/rolling.json'), 'utf8')) as Situation
const name = rolling.deployment.metadata?.name ?? ''
const workload = { kind: 'Deployment', name, uid: rolling.deployment.metadata?.uid ?? '' } as const
const lists = ['GET deployments', 'GET pods', 'GET replicasets']
const watches = ['WATCH deployments', 'WATCH pods', 'WATCH replicasets']

let api: FakeApi
let world: ReturnType<typeof worldOf>
let followings: Following[]
beforeEach(async () => {
  api = await startFakeApi()
  world = worldOf(api)
  followings = []
  world.put('deployments', rolling.deployment)
  for (const each of rolling.replicaSets) world.put('replicasets', each)
  for (const each of rolling.pods) world.put('pods', each)
})
afterEach(async () => {
  for (const each of followings) each.end()
  await api.close()
})

function follow(): Following {
  const following = api.kubernetes.followRollout('hub', workload)
  followings.push(following)
  return following
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100))

/** Follows it and has seen it once. */
async function following(): Promise<Following> {
  const one = follow()
  await one.look()
  await until(() => Promise.resolve(world.watches().length === 3))
  await settled()
  await one.look()
  world.asked()
  return one
}

const aPod = (more: Partial<Pod['metadata']>): Pod => {
  const [pod] = rolling.pods as [Pod]
  return { ...pod, metadata: { ...pod.metadata, ...more } }
}

test('sees what a direct look sees, with one list and one watch per resource for everybody', async () => {
  const direct = await api.kubernetes.observeRollout('hub', workload)
  world.asked()
  const everybody = Array.from({ length: 20 }, follow)
  const seen = await Promise.all(everybody.map((each) => each.look()))
  expect(seen).toEqual(everybody.map(() => direct))
  await until(() => Promise.resolve(world.watches().length === 3))
  expect(world.asked().sort()).toEqual([...lists, ...watches].sort())
  for (const each of everybody) expect(await each.look()).toEqual(direct)
  expect(world.asked()).toEqual([])
})

test('is woken by a change of its own objects, and shows it without asking', async () => {
  const one = await following()
  const changed = one.changed()
  world.put('pods', aPod({ name: 'new', uid: 'uid-new' }))
  await changed
  expect((await one.look()).pods.map((pod) => pod.name)).toContain('new')
  const again = one.changed()
  world.remove('pods', 'new')
  await again
  expect((await one.look()).pods.map((pod) => pod.name)).not.toContain('new')
  expect(world.asked()).toEqual([])
})

test('is not woken by what belongs to another workload, nor by a bookmark', async () => {
  const one = await following()
  const woken = jest.fn()
  void one.changed().then(woken)
  world.put('pods', aPod({ name: 'other', uid: 'uid-other', labels: { app: 'other' } }))
  world.put('deployments', { metadata: { name: 'other', uid: 'uid-other' } })
  world.stream('pods').line({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '900' } } })
  await settled()
  expect(woken).not.toHaveBeenCalled()
})

test('a change between a look and the wait for one is not missed', async () => {
  const one = await following()
  world.put('deployments', rolling.deployment)
  await settled()
  await one.changed()
})

test('never shows less than what this process has written: it waits, then asks', async () => {
  const one = await following()
  const [container] = rolling.deployment.spec?.template.spec?.containers ?? []
  const change = { name: container?.name ?? '', init: false, from: container?.image ?? '', to: 'new:v2' }
  await api.kubernetes.patchImages('hub', workload, [change])
  world.asked()
  const looking = one.look()
  const patched: Deployment = { ...rolling.deployment, metadata: { ...rolling.deployment.metadata, generation: 77 } }
  world.put('deployments', patched)
  expect((await looking).generation).toBe(77)
  expect(world.asked()).toEqual([])

  await api.kubernetes.patchImages('hub', workload, [change])
  world.asked()
  await one.look()
  expect(world.asked()).toEqual([`GET deployments/${name}`])
})

test('a watch that the server ends goes on from the version it had, bookmarks included', async () => {
  const one = await following()
  world.stream('pods').line({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '900' } } })
  world.stream('pods').end()
  const [again] = await until(() => Promise.resolve(api.asked.length > 0 && api.asked))
  expect(again).toMatchObject({ query: { watch: 'true', resourceVersion: '900', allowWatchBookmarks: 'true' } })
  await one.look()
  expect(world.asked()).toEqual(['WATCH pods'])
})

test.each([
  ['says that its version is forgotten', () => world.stream('pods').line(expired)],
  ['is cut', () => world.stream('pods').cut()],
  ['speaks no JSON', () => world.stream('pods').text('<html>\n')],
  ['says that something is wrong', () => world.stream('pods').line(broken)],
])('a watch that %s is listed anew, with what came and went meanwhile', async (_name, ends) => {
  const one = await following()
  world.put('pods', aPod({ name: 'came', uid: 'uid-came' }), false)
  world.remove('pods', rolling.pods[0]?.metadata?.name ?? '', false)
  ends()
  const names = await until(async () => {
    const seen = await one.look().catch(() => undefined)
    return seen?.pods.some((pod) => pod.name === 'came') && seen.pods.map((pod) => pod.name)
  })
  expect(names).not.toContain(rolling.pods[0]?.metadata?.name)
  expect(world.asked()).toEqual(['GET pods', 'WATCH pods'])
})

const expired = { type: 'ERROR', object: status(410, 'Expired', 'too old resource version').body }
const broken = { type: 'ERROR', object: status(500, 'InternalError', 'etcd is gone').body }

test('a version that is forgotten is listed anew at once, and is no outage meanwhile', async () => {
  const one = await following()
  world.stream('pods').line(expired)
  await until(async () => {
    await one.look()
    return api.asked.length >= 2
  })
  expect(world.asked()).toEqual(['GET pods', 'WATCH pods'])
})

test('watches that something between ends as soon as they begin are begun again each time, without a list', async () => {
  const one = await following()
  for (let times = 0; times < 3; times += 1) {
    world.stream('pods').end()
    expect(await until(() => Promise.resolve(api.asked.length > 0 && world.asked()))).toEqual(['WATCH pods'])
  }
  await one.look()
})

test('a look that is under way at the end takes no watch that nobody would give back', async () => {
  const one = follow()
  one.end()
  await one.look()
  await settled()
  expect(world.watches()).toEqual([])
})

test('who waits in vain is told when its time is over', async () => {
  const one = await following()
  const over = new AbortController()
  const waiting = one.changed(over.signal)
  over.abort()
  await waiting
  await one.changed(over.signal)
})

test('an API server that is away can not be seen, which wakes who waits; then it can again', async () => {
  const one = await following()
  const changed = one.changed()
  world.answers(status(503, 'ServiceUnavailable', 'starting'))
  for (const each of ['deployments', 'pods', 'replicasets'] as const) world.stream(each).cut()
  await changed
  await until(async () => (await one.look().catch((error: unknown) => error)) instanceof RefitError)
  await expect(one.look()).rejects.toMatchObject({ code: 'KUBERNETES_UNAVAILABLE', retryable: true })
  world.answers(undefined)
  await one.changed()
  expect(await until(() => one.look().catch(() => undefined))).toMatchObject({ uid: workload.uid })
})

test('who may list but not watch is answered directly', async () => {
  const forbidden = status(403, 'Forbidden', 'pods is forbidden: User "refit" cannot watch resource "pods"')
  world.answers(forbidden, { onlyWatches: true })
  const one = follow()
  expect(await one.look()).toMatchObject({ uid: workload.uid })
  world.asked()
  expect(await one.look()).toMatchObject({ uid: workload.uid })
  expect(world.asked().sort()).toEqual([`GET deployments/${name}`, 'GET pods', 'GET replicasets'].sort())
})

test.each([
  ['deleted', () => world.remove('deployments', name), 'not found'],
  [
    'made anew',
    () => world.put('deployments', { ...rolling.deployment, metadata: { name, uid: 'x' } }),
    'created again',
  ],
])('a Deployment that was %s is said to be gone', async (_name, happens, message) => {
  const one = await following()
  const changed = one.changed()
  happens()
  await changed
  await expect(one.look()).rejects.toMatchObject({
    code: 'KUBERNETES_NOT_FOUND',
    message: expect.stringContaining(message) as string,
  })
})

test("the caller's signal ends a look that waits for the first list", async () => {
  api.answer(() => undefined)
  const controller = new AbortController()
  const looking = follow().look(controller.signal)
  const reason = new Error('cancelled')
  controller.abort(reason)
  await expect(looking).rejects.toBe(reason)
})

test('a closed client watches nothing any more', async () => {
  const one = await following()
  await api.kubernetes.close()
  await expect(until(() => one.look().then(() => undefined))).rejects.toMatchObject({ code: 'KUBERNETES_UNAVAILABLE' })
})
