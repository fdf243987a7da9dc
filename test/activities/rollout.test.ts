import { rollback } from '../../src/activities/rollback'
import { rollout } from '../../src/activities/rollout'
import { blindMs } from '../../src/activities/watch-workload'
import { RefitError } from '../../src/domain/errors'
import {
  container,
  image,
  newImage,
  observation,
  planOf,
  policy,
  service,
  workload as deployed,
} from '../domain/fixtures'
import { key, run, workload, world, type World } from './support'

const step = { ...key, workload }
const away = new RefitError('KUBERNETES_UNAVAILABLE', 'The API server does not answer.', 'Try again.')
afterEach(() => void jest.useRealTimers())

describe('rollout', () => {
  test('patches what the plan says and waits for the new pods', async () => {
    const { deps, calls, patches } = world()
    await expect(run(rollout(deps), step)).resolves.toMatchObject({ kind: 'healthy', reason: 'complete' })
    expect(patches).toEqual([[{ name: 'ledger', init: false, from: image('v1.0.0'), to: newImage }]])
    expect(calls).toEqual(['patch ledger-api', 'record patched/ledger-api'])
  })

  test.each(['KUBERNETES_CONFLICT', 'KUBERNETES_NOT_FOUND'] as const)(
    '%s of the patch is somebody else’s change, and nothing is recorded as done',
    async (code) => {
      const { deps, calls } = world({
        patch: () => Promise.reject(new RefitError(code, 'ledger runs v1.0.5.', 'Try again.')),
      })
      await expect(run(rollout(deps), step)).resolves.toEqual({
        kind: 'conflict',
        reason: 'changed-by-somebody',
        sentence: 'ledger runs v1.0.5.',
      })
      expect(calls).toEqual(['patch ledger-api'])
    },
  )

  test('an API server that is away is tried again by Temporal, not judged', async () => {
    const { deps } = world({ patch: () => Promise.reject(away) })
    await expect(run(rollout(deps), step)).rejects.toBe(away)
  })

  test('an API server that stays away while it watches ends as unknown, and never as failed', async () => {
    jest.useFakeTimers()
    const { deps } = world({ observe: () => Promise.reject(away) })
    const ends = jest.fn()
    const running = run(rollout(deps), step).then(ends)
    await jest.advanceTimersByTimeAsync(blindMs)
    expect(ends).not.toHaveBeenCalled()
    await jest.advanceTimersByTimeAsync(2_000)
    await running
    expect(ends).toHaveBeenCalledWith({ kind: 'unknown', reason: 'api-server-away', sentence: away.message })
  })

  test('an API server that comes back in time changes nothing', async () => {
    jest.useFakeTimers()
    let looks = 0
    const { deps } = world({ observe: () => (++looks < 50 ? Promise.reject(away) : observation()) })
    const running = run(rollout(deps), step)
    await jest.advanceTimersByTimeAsync(60_000)
    await expect(running).resolves.toMatchObject({ kind: 'healthy' })
  })

  test('run again after its patch is on record, it accepts only the new images: what a person set back stays', async () => {
    const fake = world()
    await run(rollout(fake.deps), step)
    await run(rollout(fake.deps), step)
    expect(fake.patches[1]).toEqual([{ name: 'ledger', init: false, from: newImage, to: newImage }])
  })

  test('an upgrade that has ended patches nothing', async () => {
    const { deps, patches } = world({ outcome: 'held' })
    await expect(run(rollout(deps), step)).rejects.toMatchObject({ code: 'UPGRADE_UNKNOWN' })
    expect(patches).toEqual([])
  })

  test('a workload that the plan does not have is refused before any write', async () => {
    const { deps, calls } = world()
    await expect(run(rollout(deps), { ...key, workload: { ...workload, uid: 'another' } })).rejects.toMatchObject({
      code: 'PLAN_CHANGED',
    })
    expect(calls).toEqual([])
  })
})

describe('rollback', () => {
  const withInit = service({
    workloads: [deployed({ containers: [container('v1.0.0'), container('v1.0.0', { name: 'migrate', init: true })] })],
  })
  const job = { kind: 'job' as const, command: ['migrate'], deadlineMs: 1 }
  const snapshotOf = (app: string) => [
    {
      workload,
      containers: [
        { name: 'ledger', init: false, image: app },
        { name: 'migrate', init: true, image: image('v1.0.0') },
      ],
    },
  ]
  const runs = (app: string, init?: string) =>
    observation({
      containers: [
        { name: 'ledger', init: false, image: app },
        ...(init ? [{ name: 'migrate', init: true, image: init }] : []),
      ],
      pods: [],
    })

  /** A cluster that runs the new image until it is patched back. */
  const cluster = (more: Partial<World>, after: ReturnType<typeof runs>) => {
    const init = after.containers.length > 1 ? newImage : undefined
    const fake: World = world({ ...more, observe: () => (fake.patches.length > 0 ? after : runs(newImage, init)) })
    return fake
  }

  test('restores what was remembered, not what the plan or the cluster says', async () => {
    const remembered = `${image('v1.0.0')}@sha256:${'9'.repeat(64)}`
    const snapshots = [{ workload, containers: [{ name: 'ledger', init: false, image: remembered }] }]
    const { deps, patches } = cluster({ snapshots }, runs(remembered))
    await expect(run(rollback(deps), step)).resolves.toMatchObject({ kind: 'healthy' })
    expect(patches).toEqual([[{ name: 'ledger', init: false, from: newImage, to: remembered }]])
  })

  test('a migrating init container stays new after expand', async () => {
    const plan = planOf({ service: withInit, policy: policy({ migrations: [job] }) })
    expect(plan.rollback.initContainers).toBe('keep-new')
    const { deps, patches, events } = cluster(
      { plan, snapshots: snapshotOf(image('v1.0.0')) },
      runs(image('v1.0.0'), newImage),
    )
    const event = { ...key, at: new Date(), phase: 'expand' as const, by: null, verified: false, message: '' }
    events.set('expand/0', { ...event, kind: 'migrated' })
    await expect(run(rollback(deps), step)).resolves.toMatchObject({ kind: 'healthy' })
    expect(patches).toEqual([[{ name: 'ledger', init: false, from: newImage, to: image('v1.0.0') }]])
    expect(events.get('restored/ledger-api')?.message).toContain('migrate stays at v1.0.1')
  })

  test('without migrations the init container goes back too', async () => {
    const { deps, patches } = cluster(
      { plan: planOf({ service: withInit }), snapshots: snapshotOf(image('v1.0.0')) },
      runs(image('v1.0.0'), image('v1.0.0')),
    )
    await expect(run(rollback(deps), step)).resolves.toMatchObject({ kind: 'healthy' })
    expect(patches[0]).toHaveLength(2)
  })

  test('a patch that never landed leaves nothing to restore', async () => {
    const snapshots = [{ workload, containers: [{ name: 'ledger', init: false, image: image('v1.0.0') }] }]
    const { deps, patches } = world({ snapshots, observe: () => runs(image('v1.0.0')) })
    await expect(run(rollback(deps), step)).resolves.toMatchObject({ kind: 'healthy', reason: 'untouched' })
    expect(patches).toEqual([])
  })

  test('a worker that dies after its patch: the next attempt still waits for the old pods', async () => {
    const snapshots = [{ workload, containers: [{ name: 'ledger', init: false, image: image('v1.0.0') }] }]
    const { deps, events } = world({ snapshots, observe: () => runs(image('v1.0.0')) })
    const event = { ...key, at: new Date(), phase: 'rollout' as const, by: null, verified: false, message: '' }
    events.set('patched/ledger-api', { ...event, kind: 'patched' })
    await expect(run(rollback(deps), step)).resolves.toMatchObject({ reason: 'complete' })
  })

  test('what was never remembered was never changed', async () => {
    const { deps, patches } = world({ observe: () => runs(image('v1.0.0')) })
    await expect(run(rollback(deps), step)).resolves.toMatchObject({ kind: 'healthy', reason: 'untouched' })
    expect(patches).toEqual([])
  })

  test.each<[string, Partial<World>]>([
    ['runs something else', { observe: () => runs(image('v1.0.1')) }],
    ['can not be read', { observe: () => Promise.reject(away) }],
  ])('what is not on record and %s is not called untouched: a person has to look', async (_, more) => {
    const { deps, patches } = world(more)
    await expect(run(rollback(deps), step)).resolves.toMatchObject({ kind: 'unknown', reason: 'no-snapshot' })
    expect(patches).toEqual([])
  })

  test('a conflict is not fought', async () => {
    const { deps } = world({
      snapshots: snapshotOf(image('v1.0.0')),
      patch: () => Promise.reject(new RefitError('KUBERNETES_CONFLICT', 'ledger runs v1.0.5.', 'Try again.')),
    })
    await expect(run(rollback(deps), step)).resolves.toMatchObject({ kind: 'conflict' })
  })
})
