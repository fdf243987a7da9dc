import type { Store, UpgradeFilter } from '../../src/store/contracts'
import { type TestDatabases, testDatabases } from '../support/database'
import { digest, planOf } from './plans'

let databases: TestDatabases
let store: Store
let url: string
beforeAll(async () => {
  databases = await testDatabases()
  ;({ store, url } = await databases.store())
  await upgraded('ledger', 'v1.0.1', 'a', { outcome: 'succeeded', by: 'ana' })
  await upgraded('ledger', 'v1.0.2', 'b', { outcome: 'rolled-back' })
  await upgraded('quoting', 'v1.0.1', 'c', { outcome: 'held' })
  await upgraded('settlement', 'v1.0.1', 'd', {})
  await upgraded('quoting_100%', 'v1.0.1', 'e', { outcome: 'rejected', by: 'bob' })
})
afterAll(() => databases.remove())

/** Each begins a minute after the one before. */
let minutes = 0
async function upgraded(
  service: string,
  to: string,
  letter: string,
  { outcome, by }: { outcome?: 'succeeded' | 'rolled-back' | 'held' | 'rejected'; by?: string },
): Promise<string> {
  const plan = planOf({ service, to, toDigest: digest(letter) })
  const { id } = await store.upgrades.open(plan, await store.plans.save(plan))
  const entry = { upgradeId: id, phase: 'approval' as const, message: `about ${service}` }
  if (by) await store.upgrades.record({ ...entry, key: 'said', kind: 'approved', by, verified: true })
  if (outcome) await store.upgrades.record({ ...entry, key: 'end', kind: 'ended', outcome })
  await databases.query(
    url,
    `update upgrade set started_at = '2026-11-01T00:00:00Z'::timestamptz + $2 * interval '1 minute' where id = $1`,
    [id, minutes],
  )
  minutes += 1
  return id
}

const names = async (filter: UpgradeFilter) =>
  (await store.upgradePages.page(filter, { limit: 50 })).rows.map(({ service, toTag }) => `${service} ${toTag}`)

test.each<[string, UpgradeFilter, string[]]>([
  ['nothing', {}, ['quoting_100% v1.0.1', 'settlement v1.0.1', 'quoting v1.0.1', 'ledger v1.0.2', 'ledger v1.0.1']],
  ['a service', { namespace: 'hub', service: 'ledger' }, ['ledger v1.0.2', 'ledger v1.0.1']],
  ['another namespace', { namespace: 'other' }, []],
  ['an outcome', { outcome: 'rolled-back' }, ['ledger v1.0.2']],
  ['a phase', { phase: 'bake' }, []],
  ['what is open', { state: 'open' }, ['settlement v1.0.1']],
  ['what is held', { state: 'held' }, ['quoting v1.0.1']],
  ['what has ended', { state: 'ended' }, ['quoting_100% v1.0.1', 'ledger v1.0.2', 'ledger v1.0.1']],
  ['who did something', { by: 'ana' }, ['ledger v1.0.1']],
  ['from then on', { from: new Date('2026-11-01T00:03:00Z') }, ['quoting_100% v1.0.1', 'settlement v1.0.1']],
  ['before then', { to: new Date('2026-11-01T00:01:00Z') }, ['ledger v1.0.1']],
  ['a part of a name in any case', { q: 'HUB/LEDG' }, ['ledger v1.0.2', 'ledger v1.0.1']],
  ['a digest', { q: digest('d').slice(0, 20) }, ['settlement v1.0.1']],
  ['a message', { q: 'about quoting' }, ['quoting_100% v1.0.1', 'quoting v1.0.1']],
  ['wildcards as letters', { q: '_100%' }, ['quoting_100% v1.0.1']],
  ['letters that no row can hold', { q: '\0' }, []],
])('asked for %s', async (_what, filter, expected) => {
  expect(await names(filter)).toEqual(expected)
})

test('a list is read part by part, and what is added meanwhile moves nothing', async () => {
  const first = await store.upgradePages.page({}, { limit: 2 })
  await upgraded('late', 'v1.0.1', 'f', {})
  const second = await store.upgradePages.page({}, { limit: 2, after: first.next ?? '' })
  const third = await store.upgradePages.page({}, { limit: 2, after: second.next ?? '' })
  expect([...first.rows, ...second.rows, ...third.rows].map(({ service }) => service)).toEqual([
    ...['quoting_100%', 'settlement', 'quoting', 'ledger', 'ledger'],
  ])
  expect(third.next).toBeNull()
})

test('upgrades that began in the same microsecond are each told once', async () => {
  const own = await databases.store()
  for (const service of ['a', 'b', 'c']) {
    const plan = planOf({ service })
    await own.store.upgrades.open(plan, await own.store.plans.save(plan))
  }
  await databases.query(own.url, `update upgrade set started_at = '2026-11-01T00:00:00.000123Z'`)
  const seen: string[] = []
  for (let after: string | undefined; ;) {
    const { rows, next } = await own.store.upgradePages.page({}, { limit: 1, after })
    seen.push(...rows.map(({ service }) => service))
    if (next === null) break
    after = next
  }
  expect(seen.sort()).toEqual(['a', 'b', 'c'])
})

test('after an upgrade that nobody knows there is no list', async () => {
  await expect(store.upgradePages.page({}, { limit: 2, after: 'nobody-1' })).rejects.toMatchObject({ code: 'USAGE' })
})
