import { blame } from '../../src/activities/blame'
import { bake } from '../../src/activities/bake'
import { RefitError } from '../../src/domain/errors'
import { observation, planOf, pod, policy } from '../domain/fixtures'
import { key, run, world } from './support'

const sick = observation({ pods: [pod({ ready: false, node: 'node-1', unreadySince: 60_000 })] })
const failed = { kind: 'failed' as const, reason: 'readiness-lost', sentence: 'pod new-1 lost its readiness' }
const neighbours = ['b/two', 'a/one'].map((workload) => ({
  workload,
  images: ['registry.example.org/x/other:v1'],
  ready: false,
  since: 60_000,
}))

const blamed = (given: Partial<typeof failed>, seen = sick, read = () => Promise.resolve(neighbours)) =>
  run(() => blame({ neighbours: read }, 'hub', seen, { ...failed, ...given }, ['new-1']))

test('several unrelated workloads on the same nodes: held', async () =>
  expect(await blamed({})).toEqual({
    kind: 'unknown',
    reason: 'environment',
    sentence: 'a/one, b/two on the same nodes lost their readiness, too: pod new-1 lost its readiness',
  }))

test.each<[string, () => Promise<unknown>]>([
  ['what only the release can do wrong', () => blamed({ reason: 'image-refused' })],
  ['pods that are on no node', () => blamed({}, observation({ pods: [pod({ ready: false })] }))],
  [
    'neighbours that nobody may read',
    () => blamed({}, sick, () => Promise.reject(new RefitError('KUBERNETES_FORBIDDEN', 'no', 'Ask.'))),
  ],
])('%s: the verdict stands', async (_, judged) => expect(await judged()).toMatchObject({ kind: 'failed' }))

test('in the bake, too', async () => {
  jest.useFakeTimers()
  const rules = { bakeMs: 10_000, stallMs: 1_000, deadlineMs: 1_000, maxUnavailable: 0 }
  const plan = planOf({ policy: policy({ health: [], rollout: rules }) })
  const running = run(bake(world({ plan, observe: () => sick, neighbours }).deps), key)
  await jest.advanceTimersByTimeAsync(5_000)
  jest.useRealTimers()
  await expect(running).resolves.toMatchObject({ kind: 'unknown', reason: 'environment' })
})
