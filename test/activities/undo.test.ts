import { rollback } from '../../src/activities/rollback'
import type { PodObservation, RolloutObservation, Verdict } from '../../src/domain/rollout'
import { undoJudge } from '../../src/activities/undo-judge'
import type { Kubernetes } from '../../src/clients/contracts'
import { digest, image, newImage, observation, planOf, pod } from '../domain/fixtures'
import { key, run, workload, world, type World } from './support'

const step = { ...key, workload }
const old = image('v1.0.0')
const pinned = `${old}@${digest('a')}`
const snapshots = [{ workload, containers: [{ name: 'ledger', init: false, image: old }] }]

/** Runs the new image until it is patched; its pods are then as told. */
function cluster(more: Partial<World>, after: (image: string) => Partial<RolloutObservation> = () => ({})): World {
  let now = newImage
  const runs = () => [{ name: 'ledger', init: false, image: now }]
  const fake: World = world({
    snapshots,
    patch: (changes) => {
      now = changes[0]?.to ?? now
      return Promise.resolve({ changed: true })
    },
    observe: () => observation({ containers: runs(), pods: [], ...(now === newImage ? {} : after(now)) }),
    ...more,
  })
  return fake
}

describe('what the old image is set back to', () => {
  test.each<[string, Partial<World>, string]>([
    ['the tag as it stood', {}, old],
    ['with its digest, where the tag was pushed again since', { fromDigestNow: digest('c') }, pinned],
    ['the tag, where the registry has it no more', { fromDigestNow: undefined }, old],
  ])('%s', async (_, more, to) => {
    const fake = cluster(more)
    await expect(run(rollback(fake.deps), step)).resolves.toMatchObject({ kind: 'healthy' })
    expect(fake.patches[0]?.[0]?.to).toBe(to)
  })

  test('a registry that is away does not keep it from coming back', async () => {
    const fake = cluster({})
    fake.deps.registry.digestOf = () => Promise.reject(new Error('away'))
    await run(rollback(fake.deps), step)
    expect(fake.patches[0]?.[0]?.to).toBe(old)
  })

  test('run again, what stands there decides, whatever the registry says now', async () => {
    const fake = cluster({ fromDigestNow: digest('c') })
    await run(rollback(fake.deps), step)
    fake.fromDigestNow = digest('a')
    await run(rollback(fake.deps), step)
    expect(fake.patches.map((changes) => changes[0]?.to)).toEqual([pinned, pinned])
  })

  test('a rollback to a plan without a known digest keeps the tag', async () => {
    const plan = planOf()
    const fake = cluster({ plan: { ...plan, from: { ...plan.from, digest: null } }, fromDigestNow: digest('c') })
    await run(rollback(fake.deps), step)
    expect(fake.patches[0]?.[0]?.to).toBe(old)
  })
})

test('a StatefulSet is helped past the pod that never gets ready, once', async () => {
  const stuck: PodObservation = pod({ name: 'ledger-2', uid: 'u2', isNew: false, ready: false })
  const fake: World = cluster({}, () =>
    fake.calls.includes('delete pod ledger-2 u2') && ++looks > 2
      ? { kind: 'StatefulSet', templateHash: 'old' }
      : { kind: 'StatefulSet', templateHash: 'old', updated: 2, available: 2, total: 4, pods: [stuck] },
  )
  let looks = 0
  await expect(run(rollback(fake.deps), step)).resolves.toMatchObject({ kind: 'healthy' })
  expect(fake.calls.filter((call) => call.startsWith('delete pod'))).toEqual(['delete pod ledger-2 u2'])
})

describe('a CronJob that is set back', () => {
  const rules = { bakeMs: 0, stallMs: 1_000, deadlineMs: 60_000, maxUnavailable: 0 }
  const expected = { containers: [{ name: 'ledger', init: false, image: newImage }], digest: null, rules }
  const memory = { startedAt: 0, highWater: 0, highWaterAt: 0, firstSeen: {} }
  const pending = (nextRunAt?: number) =>
    observation({
      ...{ kind: 'CronJob', pending: 'run', desired: 0, updated: 0, total: 0, available: 0, pods: [] },
      ...(nextRunAt === undefined ? {} : { nextRunAt }),
    })
  const judged = async (seen: RolloutObservation, now: number): Promise<Verdict> =>
    (
      await undoJudge(
        {} as Kubernetes,
        'hub',
        { kind: 'CronJob', name: 'report', uid: 'uid-report' },
        expected,
      )(seen, memory, now)
    ).verdict

  test('whose next run is due within the deadline is waited for', async () => {
    expect(await judged(pending(30_000), 1_000)).toMatchObject({ kind: 'progressing' })
  })

  test('whose next run is due later is held: nobody can tell yet', async () => {
    expect(await judged(pending(90_000), 1_000)).toMatchObject({
      kind: 'unknown',
      reason: 'not-yet-run',
      sentence: expect.stringContaining('not yet run'),
    })
  })
})
