import { type Diagnosis, diagnosisWords, eventWords, logLines, suspectsOf } from '../../src/domain/diagnosis'
import type { PodObservation } from '../../src/domain/rollout'
import { observation, pod } from './fixtures'

const suspects = (...pods: Partial<PodObservation>[]) =>
  suspectsOf(
    'ledger-api',
    observation({ pods: pods.map((each, index) => pod({ name: `new-${index}`, ready: false, ...each })) }),
  )

test.each<[string, Partial<PodObservation>, string, string, boolean]>([
  [
    'a crash loop: the run before, of the container that crashed',
    {
      restarts: 3,
      waiting: [{ container: 'ledger', init: false, reason: 'CrashLoopBackOff', message: 'back-off 40s' }],
      terminated: [{ container: 'ledger', init: false, reason: 'Error', exitCode: 1 }],
    },
    'ledger',
    'waits: CrashLoopBackOff (back-off 40s), ledger ended with exit code 1 (Error), 3 restarts, not ready',
    true,
  ],
  [
    'an init container that failed',
    {
      phase: 'Pending',
      waiting: [{ container: 'ledger', init: false, reason: 'PodInitializing', message: '' }],
      terminated: [{ container: 'run-migration', init: true, reason: 'Error', exitCode: 2 }],
    },
    'run-migration',
    'run-migration ended with exit code 2 (Error), not ready',
    false,
  ],
  [
    'a pod that no node takes',
    { phase: 'Pending', unschedulable: { since: 0, message: '0/1 nodes are available' } },
    'ledger',
    'no node takes it: 0/1 nodes are available, not ready',
    false,
  ],
  ['a pod that is never ready', {}, 'ledger', 'not ready', false],
  ['a pod that restarted and is ready again', { ready: true, restarts: 1 }, 'ledger', '1 restart, ready now', true],
])('%s is looked at', (_name, changed, container, state, previous) => {
  expect(suspects(changed)).toEqual([{ workload: 'ledger-api', pod: 'new-0', container, state, previous }])
})

test('the worst two pods come first; old, deleted and healthy ones are left alone', () => {
  const crash = { container: 'ledger', init: false, reason: 'CrashLoopBackOff', message: '' }
  expect(
    suspects(
      { ready: true },
      { isNew: false, restarts: 9 },
      { deleting: true },
      {},
      { restarts: 1, waiting: [crash] },
      { restarts: 4, waiting: [crash] },
    ).map(({ pod: name }) => name),
  ).toEqual(['new-5', 'new-4'])
})

test('events are the last ones, oldest first, each in one bounded line', () => {
  const event = (reason: string, at: number, count = 1) => ({ reason, message: `m\n${'x'.repeat(400)}`, count, at })
  const words = eventWords([
    event('F', 6),
    event('A', 1),
    event('B', 2),
    event('C', 3),
    event('D', 4, 7),
    event('E', 5),
  ])
  expect(words.map((line) => line.split(':')[0])).toEqual(['B', 'C', 'D ×7', 'E', 'F'])
  expect(words.every((line) => line.length < 320 && !line.includes('\n'))).toBe(true)
})

test('of a log the last 20 lines are kept, without empty ones', () => {
  const lines = logLines(Array.from({ length: 50 }, (_, index) => `line ${index}\r\n\n`).join(''))
  expect([lines.length, lines[0], lines.at(-1)]).toEqual([20, 'line 30', 'line 49'])
})

test('a diagnosis in words: the rule, how long it took, the pods, what Kubernetes said, and what could not be read', () => {
  const diagnosis: Diagnosis = {
    ...{ phase: 'rollout', kind: 'failed', rule: 'crash-loop', sentence: 'it crashes', at: '2026-12-01T10:00:00.000Z' },
    detected: { ms: 9_000, after: 'sign' },
    pods: [
      {
        workload: 'api',
        pod: 'api-1',
        container: 'app',
        state: '3 restarts',
        log: ['boom'],
        events: ['BackOff: again'],
      },
    ],
    unread: ['Kubernetes can not be reached'],
  }
  expect(diagnosisWords(diagnosis)).toEqual([
    'Rule crash-loop, detected 9 s after its first sign.',
    'Pod api-1 of api, container app: 3 restarts.',
    'Kubernetes: BackOff: again',
    'Not read: Kubernetes can not be reached',
  ])
  expect(diagnosisWords({ ...diagnosis, detected: { ms: 61_000, after: 'change' } })[0]).toBe(
    'Rule crash-loop, detected 61 s after the change.',
  )
})
