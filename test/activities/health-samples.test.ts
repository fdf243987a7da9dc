import { samplesOf } from '../../src/activities/health-samples'
import type { HealthSample } from '../../src/store/contracts'
import { observation } from '../operations/support'

beforeEach(() => jest.useFakeTimers())
afterEach(() => jest.useRealTimers())

function sampled(add: (sample: HealthSample) => Promise<void> = () => Promise.resolve()) {
  const kept: HealthSample[] = []
  const healthSamples = {
    add: (_id: string, samples: readonly HealthSample[]) => {
      kept.push(...samples)
      return add(samples[0] as HealthSample)
    },
    list: () => Promise.resolve([]),
    forget: () => Promise.resolve(),
  }
  return { samples: samplesOf({ healthSamples }, 'upgrade-1'), kept }
}

const seen = (available: number) => observation('x:v1', { available })
const counts = (kept: HealthSample[]) => kept.map(({ workload, available }) => `${workload} ${available}`)

test('what has not changed is taken down once', () => {
  const { samples, kept } = sampled()
  for (let i = 0; i < 5; i += 1) {
    samples.see('Deployment/ledger', seen(3))
    jest.advanceTimersByTime(5_000)
  }
  expect(counts(kept)).toEqual(['Deployment/ledger 3'])
})

test('of one workload at most every two seconds, and the last state is never lost', () => {
  const { samples, kept } = sampled()
  for (const available of [3, 4, 5, 4]) samples.see('Deployment/ledger', seen(available))
  samples.see('Deployment/consumer', seen(1))
  expect(counts(kept)).toEqual(['Deployment/ledger 3', 'Deployment/consumer 1'])
  jest.advanceTimersByTime(2_000)
  expect(counts(kept)).toEqual(['Deployment/ledger 3', 'Deployment/consumer 1', 'Deployment/ledger 4'])
})

test('what came back before it was taken down has not changed', () => {
  const { samples, kept } = sampled()
  for (const available of [3, 4, 3]) samples.see('Deployment/ledger', seen(available))
  jest.advanceTimersByTime(10_000)
  expect(counts(kept)).toEqual(['Deployment/ledger 3'])
})

test('a store that is away, or of another build, fails nobody', async () => {
  const { samples } = sampled(() => Promise.reject(new Error('away')))
  samples.see('Deployment/ledger', seen(3))
  samplesOf({}, 'upgrade-1').see('Deployment/ledger', seen(3))
  await jest.advanceTimersByTimeAsync(5_000)
})

test('new pods that are ready and their restarts are counted, those that go are not', () => {
  const { samples, kept } = sampled()
  const pod = { name: 'p', phase: 'Running', createdAt: 0, waiting: [], terminated: [], digests: [] }
  const fresh = { ...pod, isNew: true, ready: true, deleting: false, restarts: 2 }
  const pods = [
    fresh,
    { ...fresh, ready: false, restarts: 1 },
    { ...fresh, deleting: true },
    { ...fresh, isNew: false, restarts: 7 },
  ]
  samples.see('Deployment/ledger', observation('x:v1', { pods, desired: 3, updated: 2, available: 2 }), true)
  expect(kept[0]).toMatchObject({ desired: 3, updated: 2, available: 2, ready: 1, restarts: 3, healthy: true })
})
