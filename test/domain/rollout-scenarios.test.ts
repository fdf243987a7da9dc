import type { RolloutObservation, Verdict } from '../../src/domain/rollout'
import { image, observation, pod } from './fixtures'
import { ended, fresh, old, rolling, steady, waits, watch } from './rollout-watch'

/**
 * What the tests of other tools say of rollouts, with Refit's answer: `sc-…` is the number in the list from which they
 * were taken. Scenarios that other files test or that Refit has no counterpart of are in `rollout-scenarios-elsewhere`.
 */
type Looks = [number, RolloutObservation][]
type Row = [string, Looks, Verdict['kind'], string, Parameters<typeof watch>[1]?]

const exceeded = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: '', since: 0 }]
const ready = (name: string) => fresh({ name, ready: true })
const crashes = waits('CrashLoopBackOff', '', { restarts: 1 })
const notFound = waits('ImagePullBackOff', 'manifest unknown: not found')

const early: Row[] = [
  [
    'sc-001 good to bad: a crash fails, and the old pods were never fewer',
    steady(rolling([crashes]), 15),
    'failed',
    'crash-loop',
  ],
  ['sc-065 a crash loop is a failure', steady(rolling([crashes]), 15), 'failed', 'crash-loop'],
  ['sc-125 an image that does not exist fails in seconds', steady(rolling([notFound]), 10), 'failed', 'image-refused'],
  [
    'sc-126 so it does with whatever else refers to the workload',
    steady(rolling([notFound]), 10),
    'failed',
    'image-refused',
  ],
  [
    'sc-129 an init container that crashes is as bad as the application',
    steady(
      rolling([
        fresh({ waiting: [{ container: 'run-migration', init: true, reason: 'CrashLoopBackOff', message: '' }] }),
      ]),
      15,
    ),
    'failed',
    'crash-loop',
  ],
  [
    'sc-132 old pods get unready as well: nobody can tell, nothing is moved',
    steady(rolling([crashes, ...['old-1', 'old-2', 'old-3'].map((name) => old({ name, ready: false }))]), 15),
    'unknown',
    'environment',
  ],
  [
    'sc-133 what a stale revision does is no news',
    steady(
      rolling([
        fresh(),
        old({
          name: 'old-1',
          waiting: [{ container: 'ledger', init: false, reason: 'ErrImagePull', message: 'not found' }],
        }),
      ]),
      60,
    ),
    'progressing',
    'rolling',
  ],
]

const slow: Row[] = [
  [
    'sc-011 never ready: the deadline is a failure, which rolls back',
    steady(rolling([fresh({ starting: true })]), 600),
    'failed',
    'deadline',
  ],
  [
    'sc-012 complete after Kubernetes’ own deadline is complete, as long as nobody has acted',
    [[0, observation({ conditions: exceeded })]],
    'healthy',
    'complete',
  ],
  [
    'sc-013 waiting for old pods to go is progress',
    steady(rolling([ready('a'), ready('b'), ready('c')], { updated: 3, total: 4 }), 300),
    'progressing',
    'rolling',
  ],
  ['sc-074 never ready fails at the time limit, not before', steady(rolling([fresh()]), 119), 'progressing', 'rolling'],
  ['sc-074 and then it does', steady(rolling([fresh()]), 120), 'failed', 'stall'],
  [
    'sc-084 Kubernetes’ own deadline is final',
    [[0, rolling([fresh()], { conditions: exceeded })]],
    'failed',
    'deadline',
  ],
  [
    'sc-056 readiness that flips every 20 s never counts as progress',
    [0, 1, 0, 1, 0].map((up, i): [number, RolloutObservation] => [
      i * 20,
      rolling([up ? ready('a') : fresh({ name: 'a' })]),
    ]),
    'failed',
    'flapping',
  ],
  [
    'sc-085 too few available for too long is a failure',
    [
      [0, rolling([ready('a')], { available: 3 })],
      [1, rolling([fresh({ name: 'a' })], { available: 2 })],
      [11, rolling([fresh({ name: 'a' })], { available: 2 })],
    ],
    'failed',
    'capacity',
  ],
  [
    'sc-086 not so when as few are allowed',
    [
      [0, rolling([ready('a')], { desired: 4, available: 4 })],
      [1, rolling([fresh({ name: 'a' })], { desired: 4, available: 2 })],
      [60, rolling([fresh({ name: 'a' })], { desired: 4, available: 2 })],
    ],
    'progressing',
    'rolling',
    { maxUnavailable: 2 },
  ],
]

const status: Row[] = [
  ['sc-049 all new, none old', [[0, observation()]], 'healthy', 'complete'],
  [
    'sc-060 an old replica is still there',
    [[0, observation({ desired: 1, updated: 1, total: 2, available: 1 })]],
    'progressing',
    'rolling',
  ],
  [
    'sc-061 updated, but not available',
    [[0, observation({ desired: 2, updated: 2, total: 2, available: 1 })]],
    'progressing',
    'rolling',
  ],
  [
    'sc-062 counts of an earlier generation say nothing',
    [[0, observation({ generation: 5, observedGeneration: 4 })]],
    'progressing',
    'not-observed',
  ],
  [
    'sc-083 nor does a status that never was',
    [[0, observation({ observedGeneration: -1 })]],
    'progressing',
    'not-observed',
  ],
  ['sc-067 no condition at all, all counts fine', [[0, observation({ conditions: [] })]], 'healthy', 'complete'],
  [
    'sc-072 one replica that may be unavailable is not ready before it is',
    [[0, observation({ desired: 1, updated: 1, total: 1, available: 0, pods: [fresh()] })]],
    'progressing',
    'rolling',
    { maxUnavailable: 1 },
  ],
]

const others: Row[] = [
  [
    'sc-024 paused while it rolls: a person wins',
    [
      [0, rolling([fresh()])],
      [1, rolling([fresh()], { paused: true })],
    ],
    'conflict',
    'paused',
  ],
  ['sc-073 paused is told, never taken for done', [[0, observation({ paused: true })]], 'conflict', 'paused'],
  [
    'sc-017 another count of replicas with the new template is no conflict',
    [
      [0, rolling([fresh()])],
      [1, rolling([fresh()], { desired: 8, generation: 5, observedGeneration: 5 })],
    ],
    'progressing',
    'rolling',
  ],
  [
    'sc-053 a stuck rollout that is scaled up is stuck',
    [
      [0, rolling([fresh()], { desired: 10 })],
      [60, rolling([fresh()], { desired: 30 })],
      [120, rolling([fresh()], { desired: 30 })],
    ],
    'failed',
    'stall',
  ],
  [
    'sc-045 the old image set back in the middle is somebody’s decision',
    [
      [0, rolling([fresh()])],
      [1, rolling([fresh()], { containers: [{ name: 'ledger', init: false, image: image('v1.0.0') }] })],
    ],
    'conflict',
    'changed-by-somebody',
  ],
  [
    'sc-052 so is a third image: the latest wins, and Refit stops',
    [
      [0, rolling([fresh()])],
      [1, rolling([fresh()], { containers: [{ name: 'ledger', init: false, image: image('v9.0.0') }] })],
    ],
    'conflict',
    'changed-by-somebody',
  ],
  [
    'sc-135 a patch that GitOps reverts is seen at the next look',
    [
      [0, rolling([fresh()])],
      [1, observation({ containers: [{ name: 'ledger', init: false, image: image('v1.0.0') }], pods: [pod()] })],
    ],
    'conflict',
    'changed-by-somebody',
  ],
  [
    'sc-088 another template with the same image is a rollout of somebody else',
    [
      [0, rolling([fresh()], { templateHash: 'a' })],
      [1, rolling([fresh()], { templateHash: 'b' })],
    ],
    'conflict',
    'changed-by-somebody',
  ],
]

describe.each([
  ['failures that show early', early],
  ['slow rollouts and their limits', slow],
  ['what counts as done', status],
  ['people and other controllers', others],
])('%s', (_, rows) => {
  // Not by test.each: a row without the last column would be waited for as one with a callback.
  for (const [name, looks, kind, reason, given] of rows)
    test(name, () => expect(watch(looks, given)).toMatchObject({ kind, reason }))
})

test('sc-042 what an earlier revision was seen to do is forgotten with it', () => {
  expect(watch(steady(rolling([ended('Error', 1, 3)]), 0)).kind).toBe('progressing')
  expect(
    watch([
      [0, rolling([])],
      [1, rolling([ended('Error', 1, 3)])],
    ]).kind,
  ).toBe('failed')
})
