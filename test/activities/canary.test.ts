import { bake } from '../../src/activities/bake'
import { canary } from '../../src/activities/canary'
import { rollback } from '../../src/activities/rollback'
import { rollout } from '../../src/activities/rollout'
import { stageJudge } from '../../src/activities/stage-judge'
import { RefitError } from '../../src/domain/errors'
import { newMemory, type RolloutObservation } from '../../src/domain/rollout'
import { image, newImage, observation, planOf, pod, policy } from '../domain/fixtures'
import { key, run, workload, world, type World } from './support'

const rollsBy = { bakeMs: 0, stallMs: 5_000, deadlineMs: 20_000, maxUnavailable: 0, canary: 1, canaryBakeMs: 3_000 }
const health = [{ http: '/health', port: 3001, expect: { status: 'OK' } }]
const plan = planOf({ policy: policy({ rollout: { ...rollsBy, steps: [{ percent: 60, bakeMs: 1_000 }] }, health }) })
const first = { ...key, workload, stage: 0 }
const second = { ...key, workload, stage: 1 }
const snapshots = [{ workload, containers: [{ name: 'ledger', init: false, image: image('v1.0.0') }] }]

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

/** A Deployment of three that takes one step each time it is looked at, unless it is paused. */
class Cluster {
  image = image('v1.0.0')
  pausedBy: string | undefined
  paused = false
  updated = 0
  ready = true
  /** how many become new between two looks */
  pace = 1
  readonly world: World
  constructor(more: Partial<World> = {}) {
    this.world = world({
      ...{ plan, snapshots },
      observe: () => this.look(),
      patch: (changes, { hold, release }) => {
        for (const { to } of changes) {
          if (to !== this.image) this.updated = 0
          this.image = to
        }
        if (hold) Object.assign(this, { paused: true, pausedBy: hold.by })
        if (release !== undefined && release === this.pausedBy)
          Object.assign(this, { paused: false, pausedBy: undefined })
        return Promise.resolve({ changed: true })
      },
      ...more,
    })
  }

  look(): RolloutObservation {
    if (!this.paused && this.image === newImage && (this.ready || this.updated === 0))
      this.updated = Math.min(3, this.updated + this.pace)
    return this.seen()
  }

  private seen(): RolloutObservation {
    const isBack = this.image !== newImage
    const fresh = Array.from({ length: this.updated }, (_, index) => pod({ name: `new-${index}`, ready: this.ready }))
    const done = isBack || (this.updated === 3 && this.ready)
    return observation({
      ...{ updated: isBack ? 3 : this.updated, total: done ? 3 : 4, available: 3, paused: this.paused },
      ...(this.pausedBy === undefined ? {} : { pausedBy: this.pausedBy }),
      containers: [{ name: 'ledger', init: false, image: this.image }],
      pods: isBack ? [] : [...fresh, pod({ name: 'old', isNew: false })],
    })
  }

  async ends<T>(running: Promise<T>, ms = 60_000): Promise<T> {
    await Promise.race([running.catch(() => undefined), jest.advanceTimersByTimeAsync(ms)])
    return running
  }
  canary = (step = first) => this.ends(run(canary(this.world.deps), step))
  watch = (step = first) => this.ends(run(bake(this.world.deps), step))
  rollout = () => this.ends(run(rollout(this.world.deps), { ...key, workload }))
  rollback = () => this.ends(run(rollback(this.world.deps), { ...key, workload }))
}

test('the rollout is paused as soon as its first new pod is made, and marked with the upgrade', async () => {
  const cluster = new Cluster()
  await expect(cluster.canary()).resolves.toMatchObject({
    kind: 'healthy',
    reason: 'stands-still',
    sentence: 'ledger-api stands still with 1 of 3 pods new (canary), watched for 3 s',
    holds: true,
  })
  expect(cluster).toMatchObject({ updated: 1, paused: true, pausedBy: key.upgradeId, image: newImage })
  expect([...cluster.world.events.keys()]).toEqual(['patched/ledger-api', 'held/ledger-api/0'])
})

test('its pods are watched alone, then it goes on to the next stage and to its end', async () => {
  const cluster = new Cluster()
  await cluster.canary()
  await expect(cluster.watch()).resolves.toMatchObject({
    kind: 'healthy',
    sentence: 'the new pods of ledger-api stayed healthy for 3 s (canary)',
  })
  expect(cluster.updated).toBe(1)
  await expect(cluster.canary(second)).resolves.toMatchObject({ holds: true })
  expect(cluster).toMatchObject({ updated: 2, paused: true })
  await cluster.watch(second)
  await expect(cluster.rollout()).resolves.toMatchObject({ kind: 'healthy', reason: 'complete' })
  expect(cluster).toMatchObject({ updated: 3, paused: false, pausedBy: undefined })
})

test('a first pod that never gets ready fails without a second one', async () => {
  const cluster = new Cluster()
  cluster.ready = false
  await expect(cluster.canary()).resolves.toMatchObject({ kind: 'failed' })
  expect(cluster).toMatchObject({ updated: 1, paused: true })
})

test('a first pod whose health is bad fails while the old ones serve', async () => {
  const answer = (name: string) =>
    name === 'old' ? { status: 200, body: '{"status":"OK"}' } : { status: 503, body: '{"status":"DOWN"}' }
  const cluster = new Cluster({ answer })
  await cluster.canary()
  await expect(cluster.watch()).resolves.toMatchObject({ kind: 'failed', reason: 'health' })
  expect(cluster.updated).toBe(1)
})

test('a first pod that is as sick as the old ones leaves it standing: the release is not to blame', async () => {
  const cluster = new Cluster({ answer: () => ({ status: 503, body: '{"status":"DOWN"}' }) })
  await cluster.canary()
  await expect(cluster.watch()).resolves.toMatchObject({ kind: 'unknown', reason: 'environment' })
  expect(cluster).toMatchObject({ updated: 1, paused: true })
})

test('health that can not be read leaves it standing, and says so', async () => {
  const cluster = new Cluster({ answer: () => Promise.reject(new Error('no route')) })
  await cluster.canary()
  const verdict = await cluster.ends(run(bake(cluster.world.deps), first), 6 * 60_000)
  expect(verdict).toMatchObject({
    kind: 'unknown',
    sentence: expect.stringContaining('ledger-api stands still half way (canary)'),
  })
  expect(cluster.paused).toBe(true)
})

test('the undo restores the image and lifts the pause in one patch', async () => {
  const cluster = new Cluster()
  await cluster.canary()
  await expect(cluster.rollback()).resolves.toMatchObject({ kind: 'healthy' })
  expect(cluster).toMatchObject({ image: image('v1.0.0'), paused: false })
  expect(cluster.world.options.at(-1)).toEqual({ release: key.upgradeId })
})

describe('an attempt after one that died', () => {
  test('before it was held goes on', async () => {
    const cluster = new Cluster()
    await cluster.world.deps.kubernetes.patchImages('hub', workload, [
      { name: 'ledger', init: false, from: image('v1.0.0'), to: newImage },
    ])
    await expect(cluster.canary()).resolves.toMatchObject({ holds: true })
  })

  test('while it stood still finds it so and changes nothing', async () => {
    const cluster = new Cluster()
    await cluster.canary()
    const patches = cluster.world.options.length
    await expect(cluster.canary()).resolves.toMatchObject({ holds: true })
    expect(cluster.world.options.slice(patches)).toEqual([{}])
    expect(cluster.updated).toBe(1)
  })

  test('after it was watched, as after a reset, does nothing at all', async () => {
    const cluster = new Cluster()
    await cluster.canary()
    await cluster.watch()
    await cluster.rollout()
    const calls = cluster.world.calls.length
    const again = await cluster.canary()
    expect(again).toMatchObject({ kind: 'healthy' })
    expect(again.holds).toBeUndefined()
    await expect(cluster.watch()).resolves.toMatchObject({ kind: 'healthy' })
    expect(cluster.world.calls).toHaveLength(calls)
  })
})

describe('a person wins', () => {
  test('who lets it go on while it is watched', async () => {
    const cluster = new Cluster()
    await cluster.canary()
    cluster.paused = false
    await expect(cluster.watch()).resolves.toMatchObject({
      kind: 'conflict',
      sentence: expect.stringContaining('let the rollout go on'),
    })
  })

  test('who has paused it before Refit does', async () => {
    const cluster = new Cluster()
    cluster.paused = true
    await expect(cluster.canary()).resolves.toMatchObject({ kind: 'conflict', reason: 'paused' })
  })

  test('who pauses it at the very moment', async () => {
    const conflict = new RefitError('KUBERNETES_CONFLICT', 'Somebody else holds it.', 'Nothing was patched.')
    const cluster: Cluster = new Cluster({
      patch: (changes, { hold }) => {
        if (hold) return Promise.reject(conflict)
        cluster.image = changes[0]?.to ?? ''
        return Promise.resolve({ changed: true })
      },
    })
    await expect(cluster.canary()).resolves.toMatchObject({ kind: 'conflict', sentence: 'Somebody else holds it.' })
  })

  test('who pauses it after it went on', async () => {
    const cluster = new Cluster()
    await cluster.canary()
    await cluster.watch()
    cluster.world.deps.kubernetes.patchImages = () => {
      Object.assign(cluster, { paused: true, pausedBy: undefined })
      return Promise.resolve({ changed: false })
    }
    await expect(cluster.rollout()).resolves.toMatchObject({ kind: 'conflict', reason: 'paused' })
  })
})

test.each([
  ['is left as it is', { desired: 3, updated: 1 }, 'healthy'],
  ['is scaled up', { desired: 5, updated: 1 }, 'healthy'],
  ['is scaled down, and keeps its new pod', { desired: 2, updated: 1 }, 'healthy'],
  ['is scaled down until no new pod is left', { desired: 1, updated: 0 }, 'unknown'],
])('a rollout that stands still and %s', async (_name, { desired, updated }, kind) => {
  const held = { upgradeId: key.upgradeId, name: 'ledger-api', stage: { title: 'canary', bakeMs: 0 }, pods: 1 }
  const hold = () => Promise.resolve(undefined)
  const judge = stageJudge(
    { containers: [{ name: 'ledger', init: false, image: newImage }], digest: null, rules: rollsBy },
    { ...held, isHeld: true, hold, held: () => Promise.resolve() },
  )
  const standing = (wanted: number, fresh: number, ready = true) =>
    observation({
      ...{ desired: wanted, updated: fresh, total: wanted + fresh, available: wanted, paused: true },
      pausedBy: key.upgradeId,
      containers: [{ name: 'ledger', init: false, image: newImage }],
      pods: [...Array.from({ length: fresh }, () => pod({ ready })), pod({ name: 'old', isNew: false })],
    })
  const first = await judge(standing(3, 1, false), newMemory(0), 0)
  expect(first.verdict.kind).toBe('progressing')
  const { verdict } = await judge(standing(desired, updated), first.memory, 1_000)
  expect(verdict).toMatchObject({ kind, reason: kind === 'healthy' ? 'stands-still' : 'scaled-down' })
})

test('a rollout that is through before it can be held goes on to the bake', async () => {
  const cluster = new Cluster()
  cluster.pace = 3
  cluster.updated = 3
  cluster.image = newImage
  const verdict = await cluster.canary()
  expect(verdict).toMatchObject({ kind: 'healthy', reason: 'complete' })
  expect(verdict.holds).toBeUndefined()
})

test('a singleton does not stand still, and is not even patched here', async () => {
  const fake = world({ plan, observe: () => observation({ desired: 1, updated: 1, total: 1, available: 1 }) })
  await expect(run(canary(fake.deps), first)).resolves.toMatchObject({ kind: 'healthy', reason: 'no-stage' })
  expect(fake.patches).toEqual([])
})

test('a stage that the plan does not have, and a workload that has gone', async () => {
  const gone = new RefitError('KUBERNETES_NOT_FOUND', 'It has gone.', 'Run refit scan.')
  const fake = world({ plan, observe: () => Promise.reject(gone) })
  await expect(run(canary(fake.deps), { ...first, stage: 5 })).rejects.toMatchObject({ code: 'PLAN_CHANGED' })
  await expect(run(canary(fake.deps), first)).resolves.toMatchObject({ kind: 'conflict', reason: 'vanished' })
  fake.observe = () => Promise.reject(new RefitError('KUBERNETES_UNAVAILABLE', 'away', 'Wait.'))
  await expect(run(canary(fake.deps), first)).rejects.toMatchObject({ code: 'KUBERNETES_UNAVAILABLE' })
  fake.outcome = 'held'
  await expect(run(canary(fake.deps), first)).rejects.toMatchObject({ code: 'UPGRADE_UNKNOWN' })
  expect(fake.patches).toEqual([])
})
