import { healthRefusal } from '../../src/activities/health-before'
import { stepKeys } from '../../src/domain/event'
import type { HealthCheck } from '../../src/domain/health-check'
import { observation, planOf, pod, policy } from '../domain/fixtures'
import { key, run, world, type World } from './support'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

const http: HealthCheck = { http: '/health', port: 3001, expect: { status: 'OK', version: '$.v' } }
const old = () => observation({ pods: [pod({ name: 'old', isNew: false })] })
const said = (value: unknown) => ({ status: 200, body: JSON.stringify(value) })

async function before(health: HealthCheck[], more: Partial<World> = {}) {
  const fake = world({ plan: planOf({ policy: policy({ health }) }), observe: old, ...more })
  const asking = run(() => healthRefusal(fake.deps, { plan: fake.plan, upgradeId: key.upgradeId }))
  const ended = asking.catch(() => undefined)
  await Promise.race([ended, jest.advanceTimersByTimeAsync(10_000)])
  return { refusal: await asking, record: fake.events.get(stepKeys.healthBefore(0))?.message }
}

test('the old version is asked for its own version, and nothing is said of what it passes', async () =>
  expect(await before([http], { answer: () => said({ status: 'OK', v: '1.0.0' }) })).toEqual({}))

test('what it fails each time goes on record, and refuses nothing', async () =>
  expect(await before([http], { answer: () => said({ status: 'DOWN' }) })).toEqual({
    record: 'it failed before the upgrade, too: /health says status DOWN, expected OK',
  }))

test('a hiccup is forgotten', async () => {
  let asked = 0
  const answer = () => said({ status: (asked += 1) < 3 ? 'DOWN' : 'OK', v: '1.0.0' })
  expect(await before([http], { answer })).toEqual({})
  expect(asked).toBe(3)
})

test('one pod of two that is sick is not the old version that fails', async () => {
  const observe = () => observation({ pods: [pod({ name: 'a', isNew: false }), pod({ name: 'b', isNew: false })] })
  const answer = (name: string) => said({ status: name === 'a' ? 'DOWN' : 'OK', v: '1.0.0' })
  expect(await before([http], { observe, answer })).toEqual({})
})

test('pods that can’t be asked refuse nothing: the old ones may lack what the new ones are asked for', async () =>
  expect(await before([http], { answer: () => Promise.reject(new Error('nobody listens')) })).toEqual({}))

test.each<[string, HealthCheck, string]>([
  ['a URL', { url: '${LEDGER}/health', expect: {} }, '${LEDGER}/health'],
  ['a query', { prometheus: '${LEDGER}', query: 'errors', worse: 2, overMs: 1_000, samples: 1 }, 'errors'],
])('%s that can’t be asked refuses the upgrade, with the next step', async (_, check, name) => {
  const { refusal, record } = await before([check])
  expect(refusal).toBe(
    `the health check ${name} says nothing about what runs now: ${name} can't be read: the environment variable LEDGER is not set. Mend it, or what it asks, before an upgrade has to be judged by it.`,
  )
  expect(record).toBeUndefined()
})

test('a Job alone asks nothing', async () =>
  expect(
    await before([{ job: { command: ['x'], deadlineMs: 1 } }], { observe: () => Promise.reject(new Error('asked')) }),
  ).toEqual({}))
