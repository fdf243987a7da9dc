import type { RolloutRules } from '../../src/domain/policy'
import { canaryProblem, podsAt, stagesOf } from '../../src/domain/rollout-stages'
import type { Workload, WorkloadKind } from '../../src/domain/service'
import { workload } from './fixtures'

const rules = (more: Partial<RolloutRules> = {}): RolloutRules => ({
  bakeMs: 0,
  stallMs: 1,
  deadlineMs: 1,
  maxUnavailable: 0,
  ...more,
})
const steps = [
  { percent: 50, bakeMs: 2 },
  { percent: 10, bakeMs: 1 },
]

test.each<[string, Partial<RolloutRules>, object[]]>([
  ['nothing written: it goes through', {}, []],
  ['canary 0', { canary: 0 }, []],
  ['a canary is watched for 30 s', { canary: 1 }, [{ title: 'canary', bakeMs: 30_000 }]],
  ['unless it says how long', { canary: 1, canaryBakeMs: 5 }, [{ title: 'canary', bakeMs: 5 }]],
  [
    'steps come after it, the smallest first',
    { canary: 1, steps },
    [
      { title: 'canary', bakeMs: 30_000 },
      { title: '10 %', percent: 10, bakeMs: 1 },
      { title: '50 %', percent: 50, bakeMs: 2 },
    ],
  ],
])('stages: %s', (_, more, stages) => expect(stagesOf(rules(more))).toEqual(stages))

test.each<[string, WorkloadKind, number, (number | undefined)[]]>([
  ['ten pods', 'Deployment', 10, [1, undefined, 5]],
  ['thirty pods', 'Deployment', 30, [1, 3, 15]],
  ['a StatefulSet', 'StatefulSet', 10, [1, undefined, 5]],
  ['three pods: half of them, rounded up', 'Deployment', 3, [1, undefined, 2]],
  ['two pods: what the canary reached is no further stage', 'Deployment', 2, [1, undefined, undefined]],
  ['a singleton would run twice all the while', 'Deployment', 1, [undefined, undefined, undefined]],
  ['no pods', 'Deployment', 0, [undefined, undefined, undefined]],
  ['a DaemonSet can not stand still', 'DaemonSet', 10, [undefined, undefined, undefined]],
  ['a CronJob has no pods to watch', 'CronJob', 10, [undefined, undefined, undefined]],
])('canary, 10 %% and 50 %% of %s', (_, kind, desired, pods) => {
  const stages = stagesOf(rules({ canary: 1, steps }))
  expect(stages.map((_stage, index) => podsAt(stages, index, { kind, desired }))).toEqual(pods)
})

describe('what can not be held is named before anything is written', () => {
  const recreate = { type: 'Recreate', maxSurge: 0, maxUnavailable: 3 } as const
  const noSurge = { type: 'RollingUpdate', maxSurge: 0, maxUnavailable: 1 } as const
  const parted = { type: 'RollingUpdate', maxSurge: 0, maxUnavailable: 1, partition: 2 } as const
  test.each<[string, Partial<Workload>, Partial<RolloutRules>, string | undefined]>([
    ['Recreate', { strategy: recreate }, { canary: 1 }, 'strategy Recreate'],
    ['no surge', { strategy: noSurge }, { canary: 1 }, 'maxSurge 0'],
    ['no surge, with steps', { strategy: noSurge }, { steps }, 'maxSurge 0'],
    ['a StatefulSet with a partition', { kind: 'StatefulSet', strategy: parted }, { canary: 1 }, 'partition (2)'],
    ['a StatefulSet without', { kind: 'StatefulSet', strategy: noSurge }, { canary: 1 }, undefined],
    ['a surge of some', { strategy: { ...noSurge, maxSurge: 3 } }, { canary: 1 }, undefined],
    ['a singleton, which is not held', { strategy: recreate, replicas: 1 }, { canary: 1 }, undefined],
    ['a DaemonSet', { kind: 'DaemonSet', strategy: noSurge }, { canary: 1 }, undefined],
    ['nothing is asked for', { strategy: recreate }, {}, undefined],
  ])('%s', (_, more, asked, words) => {
    const problem = canaryProblem(workload(more), rules(asked))
    if (words === undefined) return expect(problem).toBeUndefined()
    expect(problem?.reason).toContain(words)
    expect(problem?.next).toContain('take canary and steps out')
  })
})
