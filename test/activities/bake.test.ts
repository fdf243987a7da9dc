import { CancelledFailure } from '@temporalio/activity'
import { ActivityCancellationDetails } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { bake } from '../../src/activities/bake'
import { container, newImage, observation, planOf, pod, policy, service, workload } from '../domain/fixtures'
import { key, run, world, type World } from './support'

const health = [{ http: '/health', port: 3001, expect: { status: 'OK' } }]
const rules = { bakeMs: 10_000, stallMs: 1_000, deadlineMs: 1_000, maxUnavailable: 0 }
const checked = policy({ health, rollout: rules })
const oneWorkload = planOf({ policy: checked })
const twoWorkloads = planOf({
  policy: checked,
  service: service({
    workloads: [workload(), workload({ name: 'ledger-consumer', uid: 'uid-2', containers: [container('v1.0.0')] })],
  }),
})
const good = { status: 200, body: '{"status":"OK"}' }
const bad = { status: 502, body: '{"status":"DOWN"}' }
const onePod = (name: string) => observation({ desired: 1, updated: 1, total: 1, available: 1, pods: [pod({ name })] })

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

async function bakes(given: Partial<World>, ms = 30_000) {
  const running = run(bake(world(given).deps), key)
  const ended = running.catch(() => undefined)
  await Promise.race([ended, jest.advanceTimersByTimeAsync(ms)])
  return running
}

test('good for the whole time is healthy', async () => {
  await expect(bakes({ plan: oneWorkload })).resolves.toMatchObject({ kind: 'healthy', reason: 'baked' })
})

test('two bad answers in a row fail; one does not', async () => {
  let asked = 0
  const once = { plan: oneWorkload, observe: () => onePod('a'), answer: () => (++asked === 3 ? bad : good) }
  await expect(bakes(once)).resolves.toMatchObject({ kind: 'healthy' })
  asked = 0
  const twice = { ...once, answer: () => (++asked >= 3 && asked <= 4 ? bad : good) }
  await expect(bakes(twice)).resolves.toMatchObject({
    kind: 'failed',
    sentence: expect.stringContaining('a:') as string,
  })
})

test('the second workload’s good answers do not clear the first one’s bad ones', async () => {
  const given = {
    plan: twoWorkloads,
    observe: (name: string) => onePod(name),
    answer: (name: string) => (name === 'ledger-api' ? bad : good),
  }
  const verdict = await bakes(given)
  expect(verdict).toMatchObject({ kind: 'failed', reason: 'health' })
  expect(verdict.sentence).toContain('ledger-api:')
})

test('one bad answer of each of two workloads in turn is no failure', async () => {
  let asked = 0
  const given = {
    plan: twoWorkloads,
    observe: (name: string) => onePod(name),
    // Rounds 2 and 3: first one workload's hiccup, then the other's.
    answer: () => (++asked === 3 || asked === 6 ? bad : good),
  }
  await expect(bakes(given)).resolves.toMatchObject({ kind: 'healthy' })
})

test('pods that nobody can ask end as unknown after minutes, never as failed', async () => {
  const given = { plan: oneWorkload, answer: () => Promise.reject(new Error('the proxy does not answer')) }
  await expect(bakes(given, 400_000)).resolves.toMatchObject({ kind: 'unknown', reason: 'health-unreadable' })
})

test('a restart fails, another image is somebody’s change', async () => {
  let looks = 0
  const restarts = () => observation({ pods: [pod({ restarts: ++looks > 3 ? 1 : 0 })] })
  await expect(bakes({ plan: oneWorkload, observe: restarts })).resolves.toMatchObject({
    kind: 'failed',
    reason: 'restarted',
  })
  const changed = () => observation({ containers: [{ name: 'ledger', init: false, image: `${newImage}0` }] })
  await expect(bakes({ plan: oneWorkload, observe: changed })).resolves.toMatchObject({ kind: 'conflict' })
})

test('an abort takes a running check away; a worker that shuts down leaves it to the next attempt', async () => {
  jest.useRealTimers()
  const smoke = planOf({
    policy: policy({ health: [{ job: { command: ['smoke'], deadlineMs: 60_000 } }], rollout: rules }),
  })
  for (const [reason, deleted] of [
    ['CANCELLED', true],
    ['WORKER_SHUTDOWN', false],
  ] as const) {
    const { deps, calls } = world({ plan: smoke, job: { kind: 'running', since: 0 } })
    const environment = new MockActivityEnvironment()
    const details = new ActivityCancellationDetails({
      cancelRequested: reason === 'CANCELLED',
      workerShutdown: reason === 'WORKER_SHUTDOWN',
    })
    const running = environment.run(bake(deps), key)
    setTimeout(() => environment.cancel(reason, details), 50)
    await expect(running).rejects.toBeInstanceOf(CancelledFailure)
    expect(calls).toEqual(['start job', ...(deleted ? ['delete job'] : [])])
  }
})

test('what an earlier build’s worker had counted goes on counting', async () => {
  const environment = new MockActivityEnvironment({
    heartbeatDetails: { bakedMs: 5, workloads: {}, bad: { 'new-1': 1 }, seen: '' },
  })
  const { deps } = world({ plan: oneWorkload, answer: (name) => (name === 'new-1' ? bad : good) })
  await expect(environment.run(bake(deps), key)).resolves.toMatchObject({ kind: 'failed', reason: 'health' })
})
