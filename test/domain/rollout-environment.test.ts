import { type Neighbour, sickNeighbours } from '../../src/domain/rollout-environment'
import { image } from './fixtures'
import { fresh, old, rolling, steady, waits, watch } from './rollout-watch'

const minute = 60_000
const neighbour = (workload: string, more: Partial<Neighbour> = {}): Neighbour => ({
  workload,
  images: ['registry.example.org/x/other:v1'],
  ready: false,
  since: 10 * minute,
  ...more,
})
const both = (more: Partial<Neighbour>) => [neighbour('a/one', more), neighbour('b/two', more)]
const fell = { name: 'n', node: 'node-1', createdAt: 5 * minute, unreadySince: 10 * minute }

test.each<[string, Neighbour[], string[]]>([
  ['two others fell with it', both({}), ['a/one', 'b/two']],
  ['just before', both({ since: 9 * minute + 1 }), ['a/one', 'b/two']],
  ['after it: they may depend on it', both({ since: 10 * minute + 1 }), []],
  ['long before: no news', both({ since: 8 * minute }), []],
  ['they are fine', both({ ready: true }), []],
  ['one is a coincidence', [neighbour('a/one'), neighbour('a/one')], []],
  ['other workloads of the same service are no others', both({ images: [image('v1.0.0')] }), []],
])('of pods that had been ready: %s', (_, neighbours, sick) =>
  expect(sickNeighbours(rolling([fresh(fell)]), ['n'], neighbours)).toEqual(sick),
)

test.each<[string, Neighbour[], string[]]>([
  [
    'others fell since they are there: the old pods serve, so nobody depends on them',
    both({ since: 20 * minute }),
    ['a/one', 'b/two'],
  ],
  ['long before them', both({ since: 3 * minute }), []],
])('of pods that never were: %s', (_, neighbours, sick) =>
  expect(sickNeighbours(rolling([fresh(fell)]), [], neighbours)).toEqual(sick),
)

const none = ['old-1', 'old-2', 'old-3'].map((name) => old({ name, ready: false }))
test('a crash loop while no old pod is ready is nobody’s verdict', () =>
  expect(watch(steady(rolling([waits('CrashLoopBackOff', '', { restarts: 1 }), ...none]), 15))).toMatchObject({
    kind: 'unknown',
    reason: 'environment',
    sentence: 'no old pod is ready either: pod new-1: ledger crash-loops',
  }))
test('an image that is refused is the release’s own fault whatever else is down', () =>
  expect(watch(steady(rolling([waits('ErrImagePull', 'not found'), ...none]), 10)).kind).toBe('failed'))
