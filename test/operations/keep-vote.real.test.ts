import { castVote, type VoteRequest } from '../../src/operations/vote'
import type { Store, VoteVerb } from '../../src/store/contracts'
import { testDatabases, type TestDatabases } from '../support/database'
import { fakeTemporal, plan } from './support'

let databases: TestDatabases
let store: Store
let url: string

beforeAll(async () => {
  databases = await testDatabases()
})
afterAll(() => databases.remove())

const key = { namespace: 'hub', service: 'ledger' }
const verified = { groups: ['tech-ops'], via: 'token' as const }
let planHash: string
beforeEach(async () => {
  ;({ store, url } = await databases.store())
  planHash = await store.plans.save(plan)
  await store.upgrades.open(plan, planHash)
})

const { temporal, sent } = fakeTemporal()
const say = (verb: VoteVerb, said: Partial<VoteRequest> = {}) =>
  castVote({ store, temporal }, verb, { key, by: 'ana', verified, ...said })
const ids = async (...votes: Promise<{ voteId: string | null }>[]) =>
  Promise.all(votes.map(async (vote) => (await vote).voteId))

test('what a verified person says is kept, and only its id, the name and the plan go to the upgrade', async () => {
  const until = new Date('2026-12-01T08:00:00Z')
  const result = await say('snooze', { until, reason: 'after lunch', changeReference: 'CHG-1' })
  expect(result).toMatchObject({ verified: true, equivalent: null, voteId: expect.stringMatching(/^[0-9a-f]{32}$/) })
  expect(await store.votes.read(result.voteId ?? '')).toEqual({
    ...key,
    ...{ id: result.voteId, upgradeId: result.upgradeId, planHash, verb: 'snooze', by: 'ana', via: 'token' },
    ...{ groups: ['tech-ops'], reason: 'after lunch', changeReference: 'CHG-1', now: false, overrideFreeze: false },
    ...{ until, at: expect.any(Date) },
  })
  expect(sent.at(-1)?.input).toEqual({ vote: result.voteId, by: 'ana', planHash })
})

test('the same answer again is the same vote, also at the same time', async () => {
  const [first] = await ids(say('approve'))
  expect(await ids(say('approve'), say('approve'), say('approve', { planHash }))).toEqual([first, first, first])
  expect(await databases.query(url, 'select id from vote')).toHaveLength(1)
})

test('approve, withdraw, approve are three votes', async () => {
  const votes = [await say('approve'), await say('withdraw'), await say('approve'), await say('withdraw')]
  expect(new Set(votes.map(({ voteId }) => voteId)).size).toBe(4)
})

test('other words, another person and another verb are other votes', async () => {
  const votes = [
    await say('approve'),
    await say('approve', { reason: 'looks good' }),
    await say('approve', { changeReference: 'CHG-1' }),
    await say('approve', { by: 'ben' }),
    await say('reject', { by: 'cleo' }),
  ]
  expect(new Set(votes.map(({ voteId }) => voteId)).size).toBe(5)
})

test('with an id of its own, a request is the same vote however often it comes, whatever was said between', async () => {
  const [first] = await ids(say('approve', { requestId: 'k1' }))
  await say('withdraw')
  expect(await ids(say('approve', { requestId: 'k1' }))).toEqual([first])
  expect(await ids(say('approve', { requestId: 'k2' }))).not.toEqual([first])
  expect(await ids(say('approve', { requestId: 'k1', by: 'ben' }))).not.toEqual([first])
})

test('an id that was used for something else is refused, and nothing is sent', async () => {
  await say('approve', { requestId: 'k1' })
  const before = sent.length
  await expect(say('reject', { requestId: 'k1' })).rejects.toMatchObject({ code: 'USAGE' })
  await expect(say('approve', { requestId: 'k1', reason: 'other' })).rejects.toMatchObject({ code: 'USAGE' })
  expect(sent).toHaveLength(before)
})

test('only the upgrade that is meant is answered', async () => {
  await expect(say('approve', { upgradeId: 'another' })).rejects.toMatchObject({ code: 'PLAN_CHANGED' })
  await expect(say('approve', { planHash: '0'.repeat(12) })).rejects.toMatchObject({ code: 'PLAN_CHANGED' })
  expect(await databases.query(url, 'select id from vote')).toEqual([])
})

test('a megabyte of words is kept as a thousand, and is still the same vote', async () => {
  const reason = 'x\u0000y '.repeat(250_000)
  expect(new Set(await ids(say('approve', { reason }), say('approve', { reason }))).size).toBe(1)
  const [row] = await databases.query<{ length: number }>(url, 'select length(reason) from vote')
  expect(row?.length).toBeLessThanOrEqual(1_000)
})
