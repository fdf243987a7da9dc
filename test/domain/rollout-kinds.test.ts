import { judgeBake, newBakeMemory } from '../../src/domain/bake'
import type { PodObservation, RolloutObservation, RunObservation } from '../../src/domain/rollout'
import { observation, pod } from './fixtures'
import { expected, fresh, old, steady, waits, watch } from './rollout-watch'

const set = (more: Partial<RolloutObservation> = {}) => observation({ kind: 'StatefulSet', ...more })
const agents = (more: Partial<RolloutObservation> = {}) => observation({ kind: 'DaemonSet', ...more })
const due = Date.UTC(2026, 11, 2)
const none = { desired: 0, updated: 0, total: 0, available: 0, pods: [] }
const report = (lastRun?: Partial<RunObservation>, more: Partial<RolloutObservation> = {}) =>
  observation({
    ...{ kind: 'CronJob', ...none, nextRunAt: due },
    ...(lastRun
      ? { lastRun: { name: 'report-1', isNew: true, createdAt: 5_000, state: 'succeeded', reason: '', ...lastRun } }
      : {}),
    ...more,
  })
const ready = (count: number) => Array.from({ length: count }, (_, index) => pod({ name: `new-${index}` }))

test.each<[string, RolloutObservation, [string, string, string]]>([
  ['StatefulSet: all new and available', set(), ['healthy', 'complete', '3 of 3 new pods available']],
  [
    'StatefulSet: one pod to go',
    set({ updated: 2, pods: [...ready(2), old()] }),
    ['progressing', 'rolling', '2 of 3 new pods ready'],
  ],
  ['StatefulSet: the last one not available yet', set({ available: 2 }), ['progressing', 'rolling', 'new pods ready']],
  [
    'StatefulSet: only pods above the partition are waited for',
    set({ updated: 1, wantedNew: 1, pods: [pod(), old(), old({ name: 'old-2' })] }),
    ['healthy', 'complete', '1 of 3 pods are new and all are available; the partition keeps the others as they are'],
  ],
  [
    'StatefulSet: not all above the partition are new',
    set({ updated: 1, wantedNew: 2, pods: [pod(), old(), old({ name: 'old-2' })] }),
    ['progressing', 'rolling', '1 of 2 new pods ready'],
  ],
  [
    'StatefulSet: the partition is above all pods',
    set({ updated: 0, wantedNew: 0, pods: [old()] }),
    ['healthy', 'complete', '0 of 3 pods are new'],
  ],
  ['StatefulSet: not taken up yet', set({ observedGeneration: 3 }), ['progressing', 'not-observed', 'take up']],
  ['StatefulSet: no pods wanted', set(none), ['healthy', 'complete', 'no pods are wanted']],
  [
    'StatefulSet with OnDelete: no pod was made anew',
    set({ updated: 0, wantedNew: 0, pending: 'pod', pods: [old()] }),
    ['healthy', 'not-yet-run', '3 of 3 pods run the old template until they are made anew (OnDelete)'],
  ],
  [
    'StatefulSet with OnDelete: one was, and is not ready yet',
    set({ updated: 1, wantedNew: 1, pending: 'pod', available: 2, pods: [fresh(), old()] }),
    ['progressing', 'rolling', '0 of 1 new pods ready'],
  ],
  [
    'StatefulSet with OnDelete: one was, and is ready',
    set({ updated: 1, wantedNew: 1, pending: 'pod', pods: [pod(), old()] }),
    ['healthy', 'not-yet-run', '2 of 3 pods run the old template'],
  ],
  ['OnDelete: all were made anew', set({ wantedNew: 3, pods: ready(3) }), ['healthy', 'complete', '3 of 3']],
  [
    'OnDelete: not taken up yet',
    set({ updated: 0, wantedNew: 0, pending: 'pod', observedGeneration: 3 }),
    ['progressing', 'not-observed', 'take up'],
  ],
  ['DaemonSet: on every node', agents(), ['healthy', 'complete', '3 of 3 new pods available']],
  ['DaemonSet: with a surge both pods of a node count', agents({ total: 4 }), ['healthy', 'complete', '3 of 3']],
  ['DaemonSet: a node to go', agents({ updated: 2 }), ['progressing', 'rolling', 'of 3 new pods ready']],
  ['DaemonSet: no node fits', agents(none), ['healthy', 'complete', 'no pods are wanted']],
  [
    'CronJob: no run yet',
    report(undefined, { pending: 'run' }),
    ['healthy', 'not-yet-run', 'its next run uses the new template; the next one is due 2026-12-02T00:00:00.000Z'],
  ],
  [
    'CronJob: suspended',
    report(undefined, { pending: 'run', nextRunAt: undefined }),
    ['healthy', 'not-yet-run', 'its next run uses the new template; it is suspended, or its schedule tells no time'],
  ],
  [
    'CronJob: the last run was of another template, also one that failed',
    report({ isNew: false, state: 'failed' }, { pending: 'run' }),
    ['healthy', 'not-yet-run', 'its next run uses'],
  ],
  [
    'CronJob: a run goes on',
    report({ state: 'running' }),
    ['progressing', 'rolling', 'run report-1 of the new template goes on'],
  ],
  ['CronJob: a run succeeded', report({}), ['healthy', 'complete', 'run report-1 of the new template succeeded']],
  [
    'CronJob: a run failed',
    report({ state: 'failed', reason: 'exit code 3' }),
    ['failed', 'run-failed', 'run report-1 failed: exit code 3'],
  ],
  [
    'CronJob: somebody set another image',
    report(undefined, { containers: [] }),
    ['conflict', 'changed-by-somebody', 'ledger was set to'],
  ],
])('%s', (_, seen, [kind, reason, sentence]) => {
  const verdict = watch([[0, seen]])
  expect([verdict.kind, verdict.reason]).toEqual([kind, reason])
  expect(verdict.sentence).toContain(sentence)
})

test('a run of the same template that failed before the watch began is old news', () => {
  const seen = report({ state: 'failed', createdAt: 1_000 })
  expect(watch([[2, seen]]).kind).toBe('failed')
  const begun = { containers: seen.containers, digest: expected.digest }
  const later = watch([[0, { ...seen, lastRun: { ...seen.lastRun!, createdAt: -1 } }]], {}, begun)
  expect([later.kind, later.reason]).toEqual(['healthy', 'not-yet-run'])
})

test('a run that takes longer than the deadline is left to end', () =>
  expect(watch(steady(report({ state: 'running' }), 601))).toMatchObject({
    kind: 'healthy',
    reason: 'not-yet-run',
    sentence: 'run report-1 of the new template has not ended yet',
  }))

test('a pod of a run that never starts fails it like any pod', () => {
  const seen = report({ state: 'running' }, { pods: [waits('CreateContainerConfigError', 'secret "a" not found')] })
  expect(watch(steady(seen, 61))).toMatchObject({ kind: 'failed', reason: 'container-start' })
})

test('a StatefulSet whose new pod never becomes ready stalls', () => {
  const seen = set({ updated: 1, available: 2, pods: [fresh(), old(), old({ name: 'old-2' })] })
  expect(watch(steady(seen, 121))).toMatchObject({
    kind: 'failed',
    reason: 'stall',
    sentence: expect.stringMatching(/^0 of 3/),
  })
})

test('another revision of a StatefulSet is somebody else’s change', () =>
  expect(
    watch([
      [0, set({ updated: 1, templateHash: 'books-1' })],
      [1, set({ updated: 1, templateHash: 'books-2' })],
    ]).kind,
  ).toBe('conflict'))

describe('pods of a StatefulSet that have the names of those before them', () => {
  const names = ['books-2', 'books-1', 'books-0']
  /** the first `ready` are new and ready, the next one is new and starts */
  const looks = (ready: number): PodObservation[] =>
    names.map((name, index) => {
      const isNew = index <= ready
      return pod({
        name,
        uid: `${name}-${isNew ? 'new' : 'old'}`,
        isNew,
        ready: index !== ready,
        restarts: isNew ? 0 : 7,
      })
    })

  test('did not lose their readiness', () => {
    const rolled = names.map((_, ready): [number, RolloutObservation] => [
      ready,
      set({ updated: ready + 1, available: 2, pods: looks(ready) }),
    ])
    expect(watch(rolled, { maxUnavailable: 1 })).toMatchObject({
      kind: 'progressing',
      sentence: '2 of 3 new pods ready',
    })
  })

  test('are not helped by the restarts of those', () => {
    const crashing = looks(0).map((each, index) => (index === 0 ? { ...each, restarts: 3 } : each))
    const seen = (pods: PodObservation[]) => set({ updated: 1, available: 2, pods })
    const old = looks(-1)
    expect(
      watch([
        [0, seen(old)],
        [1, seen(crashing)],
      ]).reason,
    ).toBe('crash-loop')
  })

  test('begin anew in the bake', () => {
    const before = newBakeMemory(set({ pods: looks(3) }))
    const again = looks(3).map((each) => (each.name === 'books-2' ? { ...each, uid: 'third', ready: false } : each))
    const first = judgeBake(set({ pods: again }), expected, before)
    expect(judgeBake(set({ pods: again }), expected, first.memory).verdict.kind).toBe('progressing')
  })
})

describe('the bake of a CronJob', () => {
  const bake = (first: RolloutObservation, then: RolloutObservation) =>
    judgeBake(then, expected, newBakeMemory(first)).verdict

  test.each<[string, RolloutObservation, RolloutObservation, string]>([
    ['no run', report(), report(), 'progressing'],
    ['a run that succeeds', report({}), report({ name: 'report-2' }), 'progressing'],
    ['a run that fails', report({}), report({ name: 'report-2', state: 'failed' }), 'failed'],
    ['the run that had failed before', report({ state: 'failed' }), report({ state: 'failed' }), 'progressing'],
    ['a first run that fails', report(), report({ name: 'report-2', state: 'failed' }), 'failed'],
    ['another image', report(), report(undefined, { containers: [] }), 'conflict'],
    [
      'a pod that ends and another that starts',
      report({ state: 'running' }, { pods: [pod()] }),
      report({ name: 'report-2', state: 'running' }, { pods: [pod({ ready: false, restarts: 1 })] }),
      'progressing',
    ],
  ])('%s: %#', (_, first, then, kind) => expect(bake(first, then).kind).toBe(kind))
})
