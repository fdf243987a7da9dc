import { askedOncePerScan, promotionOf } from '../../src/activities/promoted'
import { plan } from '../../src/activities/plan'
import { digest, planOf, policy, repository } from '../domain/fixtures'
import { run, world } from './support'

const now = Date.parse('2026-11-24T12:00:00Z')
const away = { kind: 'error' as const, message: 'ECONNREFUSED' }
const question = { hub: 'staging', repository, digest: digest('b') }

test('one scan asks once, however many want to know; the next asks anew', async () => {
  const ask = jest.fn().mockResolvedValue(away)
  const forScan = askedOncePerScan({ ask, close: () => Promise.resolve() })
  await Promise.all([forScan('1')?.ask(question), forScan('1')?.ask(question)])
  expect(ask).toHaveBeenCalledTimes(1)
  await forScan('1')?.ask({ ...question, digest: digest('c') })
  await forScan('2')?.ask(question)
  expect(ask).toHaveBeenCalledTimes(3)
})

test('a hub that is away holds, and fails nothing', async () => {
  const promoted = policy({ promote: { from: 'staging', bakedForMs: 0 } })
  const asking = { policy: promoted, repository, digest: digest('b'), now }
  expect(await promotionOf({ ask: () => Promise.resolve(away) }, asking)).toMatchObject({
    kind: 'held',
    reason: "waits for staging, which can't be asked: ECONNREFUSED",
  })
  expect(await promotionOf(undefined, { ...asking, policy: policy() })).toBeUndefined()
})

test('migrations that can not be read hold as well', async () => {
  const source = { kind: 'knex' as const, directory: '/nowhere', database: 'X' }
  const unreadable = policy({ promote: { from: 'staging', bakedForMs: 0 }, migrations: [source] })
  const asking = { policy: unreadable, repository, digest: digest('b'), now }
  const verdict = await promotionOf({ ask: () => Promise.resolve(away) }, asking)
  expect(verdict).toMatchObject({ kind: 'held', until: now })
})

test('the activity plan asks again, and refuses what has not proved itself', async () => {
  const promoted = policy({ promote: { from: 'staging', bakedForMs: 0 } })
  const fake = world({ plan: planOf({ policy: promoted }) })
  fake.deps = {
    ...fake.deps,
    config: { ...fake.deps.config, policies: [promoted] },
    promotions: { ask: () => Promise.resolve(away), close: () => Promise.resolve() },
  }
  fake.deps.store.quarantine = { list: () => Promise.resolve([]) } as unknown as typeof fake.deps.store.quarantine
  Object.assign(fake.deps.store.plans, { save: () => Promise.resolve('abcdef123456') })
  fake.deps.store.upgrades.rejectedDigest = () => Promise.resolve(undefined)
  const candidate = { tag: 'v1.0.1', digest: digest('b') }
  expect(await run(plan(fake.deps), { namespace: 'hub', service: 'ledger', candidate })).toEqual({
    kind: 'refused',
    reason: "v1.0.1 waits for staging, which can't be asked: ECONNREFUSED",
  })
})
