import type { Store } from '../../src/store/contracts'
import { type TestDatabases, testDatabases } from '../support/database'
import { digest, planOf } from './plans'

let databases: TestDatabases
let store: Store
beforeAll(async () => {
  databases = await testDatabases()
  store = (await databases.store()).store
})
afterAll(() => databases.remove())

const minute = 60_000
const start = Date.parse('2026-11-01T00:00:00Z')

/** An upgrade of a service whose preflight began at one minute and that ended at another. */
async function upgraded(
  service: string,
  {
    preflight,
    end,
    outcome = 'succeeded',
    to = 'v1.0.1',
    toDigest = digest('b'),
  }: { preflight?: number; end: number } & {
    outcome?: 'succeeded' | 'rolled-back'
    to?: string
    toDigest?: string
  },
): Promise<string> {
  const plan = planOf({ service, to, toDigest })
  const { id } = await store.upgrades.open(plan, await store.plans.save(plan))
  const at = (minutes: number) => new Date(start + minutes * minute)
  const entry = { upgradeId: id, message: '' }
  await store.upgrades.record({ ...entry, key: 'approval', phase: 'approval', kind: 'entered', at: at(0) })
  if (preflight !== undefined) {
    await store.upgrades.record({ ...entry, key: 'preflight', phase: 'preflight', kind: 'entered', at: at(preflight) })
    await store.upgrades.record({ ...entry, key: 'again', phase: 'preflight', kind: 'refused', at: at(preflight + 1) })
  }
  await store.upgrades.record({ ...entry, key: 'end', phase: 'bake', kind: 'ended', outcome, at: at(end) })
  return id
}

test('an upgrade takes from its preflight to its end; the wait before does not count, nor do others', async () => {
  await upgraded('ledger', { preflight: 100, end: 112 })
  await upgraded('ledger', { preflight: 200, end: 207 })
  await upgraded('ledger', { preflight: 300, end: 390, outcome: 'rolled-back' })
  await upgraded('ledger', { end: 400 })
  await upgraded('quoting', { preflight: 100, end: 130 })
  const durations = (service: string) => store.upgrades.durations({ namespace: 'hub', service })
  expect(await durations('ledger')).toEqual([7 * minute, 12 * minute])
  expect(await durations('settlement')).toEqual([])
})

test('the last twenty count', async () => {
  for (let i = 1; i <= 22; i += 1) await upgraded('many', { preflight: i * 100, end: i * 100 + i })
  const durations = await store.upgrades.durations({ namespace: 'hub', service: 'many' })
  expect(durations.map((ms) => ms / minute)).toEqual(Array.from({ length: 20 }, (_, index) => 22 - index))
})

test('what succeeded with a digest, and when a later upgrade of the service did', async () => {
  const [one, other] = [digest('7'), digest('8')]
  await upgraded('split', { preflight: 1, end: 10, toDigest: one })
  await upgraded('split', { preflight: 20, end: 30, to: 'v1.0.2', toDigest: other, outcome: 'rolled-back' })
  await upgraded('split', { preflight: 40, end: 50, to: 'v1.0.2', toDigest: other })
  const told = async (each: string) =>
    (await store.upgrades.succeededWith(each)).map(({ toTag, endedAt, replacedAt }) => [
      toTag,
      endedAt && (endedAt.getTime() - start) / minute,
      replacedAt && (replacedAt.getTime() - start) / minute,
    ])
  expect(await told(one)).toEqual([['v1.0.1', 10, 50]])
  expect(await told(other)).toEqual([['v1.0.2', 50, null]])
  expect(await told(digest('9'))).toEqual([])
})
