import { judgeRollout, newMemory, type RolloutMemory, type RolloutObservation } from '../../src/domain/rollout'
import { digest, image, newImage, observation, pod } from './fixtures'
import { ended, expected, fresh, old, rolling, waits, watch, steady } from './rollout-watch'

describe('complete by the rules of kubectl', () => {
  test.each<[string, RolloutObservation, string]>([
    ['all new pods available', observation(), 'healthy'],
    ['no pods wanted', observation({ desired: 0, updated: 0, total: 0, available: 0, pods: [] }), 'healthy'],
    ['not taken up yet', observation({ observedGeneration: 3 }), 'progressing'],
    ['not all updated', observation({ updated: 2 }), 'progressing'],
    ['old ones still there', observation({ total: 4 }), 'progressing'],
    ['one not available yet', observation({ available: 2 }), 'progressing'],
    ['pods that tell no digest', observation({ pods: [pod({ digests: [] })] }), 'healthy'],
    ['an old pod on its way out', observation({ pods: [pod(), old({ deleting: true })] }), 'healthy'],
    [
      'an evicted pod of the new revision',
      observation({ pods: [pod(), pod({ name: 'x', phase: 'Failed', ready: false })] }),
      'healthy',
    ],
    [
      'a pod with another digest',
      observation({ pods: [pod(), pod({ name: 'x', digests: [digest('c')] })] }),
      'unknown',
    ],
    [
      'even after its deadline',
      observation({
        conditions: [
          { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: '', since: 0 },
        ],
      }),
      'healthy',
    ],
  ])('%s', (_, seen, kind) => expect(watch([[0, seen]]).kind).toBe(kind))

  test('a rollback to what had no known digest compares none', () =>
    expect(watch([[0, observation()]], {}, { digest: null }).kind).toBe('healthy'))
})

describe("somebody else's change stops it at once", () => {
  test.each<[string, Partial<RolloutObservation>, string]>([
    [
      'another image',
      { containers: [{ name: 'ledger', init: false, image: image('v1.0.0') }] },
      `ledger was set to ${image('v1.0.0')} by somebody else`,
    ],
    ['the container is gone', { containers: [] }, 'ledger was set to another repository'],
    [
      'an init container of the same name is another one',
      { containers: [{ name: 'ledger', init: true, image: newImage }] },
      'another repository',
    ],
    ['paused', { paused: true }, 'paused'],
  ])('%s', (_, more, sentence) => {
    const verdict = watch([[0, observation(more)]])
    expect(verdict.kind).toBe('conflict')
    expect(verdict.sentence).toContain(sentence)
  })

  test('another template with the same images', () => {
    expect(
      watch([
        [0, rolling([fresh()], { templateHash: 'a' })],
        [1, rolling([fresh()], { templateHash: 'b' })],
      ]).kind,
    ).toBe('conflict')
    expect(
      watch([
        [0, rolling([fresh()], { templateHash: 'old', observedGeneration: 3 })],
        [1, rolling([fresh()], { templateHash: 'new' })],
      ]).kind,
    ).toBe('progressing')
  })

  test('scaling is no such change', () => {
    expect(
      watch([
        [0, rolling([fresh()])],
        [1, rolling([fresh()], { desired: 9, generation: 5, observedGeneration: 5 })],
      ]).kind,
    ).toBe('progressing')
  })
})

describe('no progress', () => {
  const ready = (count: number) => ['a', 'b', 'c'].map((name, i) => fresh({ name, ready: i < count }))
  test('no new pod gets ready for the stall time', () => {
    expect(watch(steady(rolling([fresh()]), 119)).kind).toBe('progressing')
    expect(watch(steady(rolling([fresh()]), 120))).toMatchObject({
      kind: 'failed',
      reason: 'stall',
      sentence: '0 of 3 new pods ready, no further one for 2 min',
    })
  })
  test('a stall says how a pod that is not ready stopped last', () =>
    expect(
      watch([
        [0, rolling([fresh()])],
        [120, rolling([ended('Error', 1, 1)])],
      ]).sentence,
    ).toBe('0 of 3 new pods ready, no further one for 2 min: ledger ended with Error, exit code 1'))

  test('each further one gives new time', () => {
    const looks: [number, RolloutObservation][] = [
      [0, rolling(ready(0))],
      [100, rolling(ready(1))],
      [200, rolling(ready(2))],
      [319, rolling(ready(2))],
    ]
    expect(watch(looks).kind).toBe('progressing')
    expect(watch([...looks, [320, rolling(ready(2))]])).toMatchObject({ kind: 'failed', reason: 'stall' })
  })
  test('readiness that comes and goes is no progress', () => {
    const looks = Array.from({ length: 14 }, (_, i): [number, RolloutObservation] => [
      i * 10,
      rolling(ready(1 + (i % 2))),
    ])
    expect(watch(looks)).toMatchObject({ kind: 'failed', reason: 'flapping' })
    // Lost once only: no flap, and no progress either.
    const seldom = [0, 1, 0].map((count, i): [number, RolloutObservation] => [i * 15, rolling(ready(count))])
    expect(watch([...seldom, [150, rolling(ready(0))]])).toMatchObject({ kind: 'failed', reason: 'stall' })
  })
  test('pods whose own startup probe gives them time do not stall', () => {
    const looks = steady(rolling([fresh({ starting: true })]), 300)
    expect(watch(looks).kind).toBe('progressing')
    expect(watch([...looks, [301, rolling([fresh()])]])).toMatchObject({ kind: 'failed', reason: 'stall' })
    expect(watch(steady(rolling([fresh({ starting: true })]), 600))).toMatchObject({ reason: 'deadline' })
  })
  test('all ready, waiting only for old pods to go, is no stall', () =>
    expect(watch(steady(rolling(ready(3), { updated: 3, total: 4 }), 599)).kind).toBe('progressing'))
  test('but the deadline holds for it', () =>
    expect(watch(steady(rolling(ready(3), { updated: 3, total: 4 }), 600))).toMatchObject({
      kind: 'failed',
      reason: 'deadline',
    }))
  test("Kubernetes' own deadline", () => {
    const conditions = [
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: '', since: 0 },
    ]
    expect(watch([[1, rolling([fresh()], { conditions })]])).toMatchObject({ kind: 'failed', reason: 'deadline' })
    expect(watch([[1, rolling([fresh()], { conditions, observedGeneration: 3 })]]).kind).toBe('progressing')
  })
  test('a change that Kubernetes never takes up is nobody’s verdict', () =>
    expect(watch(steady(rolling([], { observedGeneration: 3 }), 600))).toMatchObject({
      kind: 'unknown',
      reason: 'controller-silent',
    }))
})

describe('the environment, not the release', () => {
  const crash = { waiting: [{ container: 'ledger', init: false, reason: 'CrashLoopBackOff', message: '' }] }
  test('old pods crash as well', () =>
    expect(watch(steady(rolling([fresh(crash), old({ ready: false, ...crash })]), 30))).toMatchObject({
      kind: 'unknown',
      reason: 'environment',
    }))
  test('old pods fail otherwise', () =>
    expect(
      watch(steady(rolling([fresh(crash), old({ ready: false, unschedulable: { since: 0, message: 'x' } })]), 30)).kind,
    ).toBe('failed'))
  test('no old pod is ready either', () => {
    const sick = ['old-1', 'old-2', 'old-3'].map((name) => old({ name, ready: false }))
    expect(watch(steady(rolling([fresh(), ...sick]), 120))).toMatchObject({ kind: 'unknown', reason: 'environment' })
  })
  test('one sick old pod of three does not excuse it', () =>
    expect(watch(steady(rolling([fresh(), old({ ready: false })]), 120)).kind).toBe('failed'))
})

test('what is remembered stays small and survives JSON', () => {
  let memory = newMemory(0)
  for (let i = 0; i < 200; i += 1)
    memory = JSON.parse(
      JSON.stringify(
        judgeRollout(rolling([fresh({ name: `new-${i}` })]), expected, { stallMs: 1e9, deadlineMs: 1e9 }, memory, i)
          .memory,
      ),
    ) as RolloutMemory
  expect(JSON.stringify(memory).length).toBeLessThan(400)
})

test('progress in words', () =>
  expect(watch([[0, rolling([waits('ErrImagePull', 'i/o timeout')])]]).sentence).toBe(
    '0 of 3 new pods ready; pod new-1: ledger: ErrImagePull (i/o timeout)',
  ))
