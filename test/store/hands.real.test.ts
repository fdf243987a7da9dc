import type { Diagnosis } from '../../src/domain/diagnosis'
import type { Store } from '../../src/store/contracts'
import { type TestDatabases, testDatabases } from '../support/database'
import { planOf } from './plans'

let databases: TestDatabases
let store: Store
let url: string
beforeAll(async () => {
  databases = await testDatabases()
})
afterAll(() => databases.remove())
beforeEach(async () => {
  const made = await databases.store()
  store = made.store
  url = made.url
})

/** An upgrade that ended held, with its reason. */
async function held(): Promise<string> {
  const plan = planOf()
  const { id } = await store.upgrades.open(plan, await store.plans.save(plan))
  const end = { phase: 'rollout', kind: 'ended', outcome: 'held', heldReason: 'environment', message: 'why' } as const
  await store.upgrades.record({ upgradeId: id, key: 'ended', ...end })
  return id
}

const resumption = (times: number) => ({ by: 'ana', verified: true, reason: 'mended', times, from: 'expand' })

test('a held upgrade keeps its reason until it goes on, once however often that is said', async () => {
  const id = await held()
  expect(await store.upgrades.read(id)).toMatchObject({ outcome: 'held', heldReason: 'environment' })
  await store.upgrades.reopen(id, resumption(1))
  await store.upgrades.reopen(id, resumption(1))
  const row = await store.upgrades.read(id)
  expect(row).toMatchObject({ outcome: null, endedAt: null, message: 'goes on at expand by ana: mended' })
  expect(row).not.toHaveProperty('heldReason')
  const events = (await store.upgrades.events(id)).filter(({ kind }) => kind === 'reopened')
  expect(events).toMatchObject([{ by: 'ana', verified: true, phase: 'rollout' }])
})

test('a second run of an old resumption does not open what has ended again since', async () => {
  const id = await held()
  await store.upgrades.reopen(id, resumption(1))
  const end = { phase: 'bake', kind: 'ended', outcome: 'succeeded', message: 'done' } as const
  await store.upgrades.record({ upgradeId: id, key: 'resumed/1/ended', ...end })
  await store.upgrades.reopen(id, resumption(1))
  expect(await store.upgrades.read(id)).toMatchObject({ outcome: 'succeeded' })
  await expect(store.upgrades.reopen(id, resumption(2))).rejects.toMatchObject({
    code: 'APPROVAL_REFUSED',
    message: expect.stringContaining('ended succeeded') as string,
  })
  expect((await store.upgrades.events(id)).filter(({ kind }) => kind === 'reopened')).toHaveLength(1)
})

test('what a person resolved does not go on, and says as what it was resolved', async () => {
  const id = await held()
  await store.upgrades.resolve(id, 'ana', 'by hand', undefined, 'rolled-back')
  expect(await store.upgrades.read(id)).toMatchObject({ outcome: 'held', resolvedAs: 'rolled-back' })
  await expect(store.upgrades.reopen(id, resumption(1))).rejects.toThrow('was resolved')
})

test('a diagnosis is kept once per step, and can not be changed', async () => {
  const id = await held()
  const of = (rule: string): Diagnosis => ({
    ...{ phase: 'rollout', kind: 'failed', rule, sentence: '', at: '2026-12-01T10:00:00.000Z', pods: [] },
    unread: ['\0'],
  })
  await store.diagnoses.saveOnce(id, 'rollout/a', of('first'))
  await store.diagnoses.saveOnce(id, 'rollout/a', of('second'))
  await store.diagnoses.saveOnce(id, 'bake/a', of('third'))
  expect((await store.diagnoses.list(id)).map(({ rule }) => rule)).toEqual(['first', 'third'])
  await expect(databases.query(url, `update diagnosis set step = 'x'`)).rejects.toThrow('diagnosis is append-only')
})
