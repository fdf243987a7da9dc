import { prepare } from '../../src/activities/prepare'
import { rollback } from '../../src/activities/rollback'
import { rollout } from '../../src/activities/rollout'
import { summaryOf } from '../../src/activities/plan'
import type { PodObservation } from '../../src/domain/rollout'
import {
  container,
  digest,
  image,
  newImage,
  observation,
  planOf,
  pod,
  policy,
  service,
  workload as deployed,
} from '../domain/fixtures'
import { key, run, workload, world, type World } from './support'

const step = { ...key, workload }
const job = { kind: 'job' as const, command: ['migrate'], deadlineMs: 1 }
const plan = planOf({
  service: service({
    workloads: [
      deployed({ containers: [container('v1.0.0'), container('v1.0.0', { name: 'migrate', init: true })] }),
      deployed({ name: 'plain', uid: 'uid-plain' }),
    ],
  }),
  policy: policy({ migrations: [job] }),
})
const snapshots = [
  {
    workload,
    containers: [
      { name: 'ledger', init: false, image: image('v1.0.0') },
      { name: 'migrate', init: true, image: image('v1.0.0') },
    ],
  },
]

/** Keeps the images that it is patched to; its new pods are as told, and old ones stand ready beside them. */
function cluster(pods: Partial<PodObservation>[], more: Partial<World> = {}): World {
  const images = { ledger: image('v1.0.0'), migrate: image('v1.0.0') }
  const fake: World = world({
    plan,
    snapshots,
    patch: (changes) => {
      for (const { name, to } of changes) images[name as keyof typeof images] = to
      return Promise.resolve({ changed: true })
    },
    observe: () =>
      observation({
        containers: [
          { name: 'ledger', init: false, image: images.ledger },
          { name: 'migrate', init: true, image: images.migrate },
        ],
        ...(images.migrate === newImage && !pods.every(({ ready }) => ready)
          ? { updated: 1, available: 2, total: 4 }
          : {}),
        pods: (images.migrate === newImage ? pods : [{}]).map((each) => pod({ digests: [digest('a')], ...each })),
      }),
    ...more,
  })
  return fake
}

const crashes: Partial<PodObservation> = {
  phase: 'Pending',
  ready: false,
  restarts: 3,
  waiting: [
    { container: 'migrate', init: true, reason: 'CrashLoopBackOff', message: '' },
    { container: 'ledger', init: false, reason: 'PodInitializing', message: '' },
  ],
}

test('only what has a migrating init container is prepared', () =>
  expect(summaryOf(plan, 'hash', 'id').prepare).toEqual([workload]))

test('patches only the init containers, and the application stays', async () => {
  const { deps, patches, events } = cluster([{ ready: true }])
  await expect(run(prepare(deps), step)).resolves.toMatchObject({ kind: 'healthy' })
  expect(patches).toEqual([[{ name: 'migrate', init: true, from: image('v1.0.0'), to: newImage }]])
  expect([...events].map(([name, { kind }]) => [name, kind])).toEqual([
    ['preparing/ledger-api', 'patched'],
    ['prepared/ledger-api', 'prepared'],
  ])
})

test('run again, it accepts only the new init container; so does the rollout after it', async () => {
  const fake = cluster([{ ready: true }])
  await run(prepare(fake.deps), step)
  await run(prepare(fake.deps), step)
  expect(fake.patches[1]).toEqual([{ name: 'migrate', init: true, from: newImage, to: newImage }])
  fake.observe = () =>
    observation({ containers: plan.workloads[0]!.containers.map((each) => ({ ...each, image: each.to })) })
  await expect(run(rollout(fake.deps), step)).resolves.toMatchObject({ kind: 'healthy' })
  expect(fake.patches[2]).toEqual([
    { name: 'ledger', init: false, from: image('v1.0.0'), to: newImage },
    { name: 'migrate', init: true, from: newImage, to: newImage },
  ])
})

test('somebody else’s change is a conflict, and an upgrade that has ended prepares nothing', async () => {
  const { deps } = cluster([{}], { outcome: 'held' })
  await expect(run(prepare(deps), step)).rejects.toMatchObject({ code: 'UPGRADE_UNKNOWN' })
  const changed = cluster([{}])
  changed.observe = () => observation({ containers: [{ name: 'migrate', init: true, image: image('v9') }] })
  await expect(run(prepare(changed.deps), step)).resolves.toMatchObject({ kind: 'conflict' })
})

describe('putting it back', () => {
  test('a migration that fails: the old init container goes back, because the new one starts no pod', async () => {
    const { deps, patches, events } = cluster([crashes])
    await expect(run(prepare(deps), step)).resolves.toMatchObject({ kind: 'failed', reason: 'crash-loop' })
    expect([...events.keys()]).toEqual(['preparing/ledger-api'])
    await expect(run(rollback(deps), step)).resolves.toMatchObject({ kind: 'healthy' })
    const restored = { name: 'migrate', init: true, from: newImage, to: image('v1.0.0') }
    expect(patches[1]).toContainEqual(restored)
    // The pods of the template are old ones now, which ran their init containers long ago: no evidence of a newer schema.
    await expect(run(rollback(deps), step)).resolves.toMatchObject({ kind: 'healthy' })
    expect(patches[2]).toContainEqual({ ...restored, from: restored.to })
  })

  test('once a new init container ran, it stays: an old one would refuse the schema; also when that pod is gone', async () => {
    const pods: Partial<PodObservation>[] = [{ ready: false }]
    const fake = cluster(pods)
    fake.events.set('preparing/ledger-api', {
      ...key,
      at: new Date(),
      phase: 'expand',
      kind: 'patched',
      by: null,
      verified: false,
      message: '',
    })
    await fake.deps.kubernetes.patchImages('hub', workload, [{ name: 'migrate', init: true, from: '', to: newImage }])
    const running = run(rollback(fake.deps), step)
    setTimeout(() => pods.splice(0, 1, { ready: true }), 50)
    await expect(running).resolves.toMatchObject({ kind: 'healthy' })
    expect(fake.events.has('prepared/ledger-api')).toBe(true)
    pods.splice(0, 1)
    await run(rollback(fake.deps), step)
    expect(
      fake.patches
        .slice(1)
        .flat()
        .filter(({ init }) => init),
    ).toEqual([])
    expect(fake.events.get('restored/ledger-api')?.message).toContain('migrate stays at v1.0.1')
  })

  test('one that runs is waited for before it is decided', async () => {
    const pods: Partial<PodObservation>[] = [{ ...crashes, restarts: 0, waiting: crashes.waiting!.slice(1) }]
    const fake = cluster(pods)
    await fake.deps.kubernetes.patchImages('hub', workload, [{ name: 'migrate', init: true, from: '', to: newImage }])
    const running = run(rollback(fake.deps), step)
    setTimeout(() => pods.splice(0, 1, { ready: true }), 600)
    await expect(running).resolves.toMatchObject({ kind: 'healthy' })
    expect(fake.events.has('prepared/ledger-api')).toBe(true)
  })
})
