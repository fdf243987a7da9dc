import type { Decision } from '../../src/domain/decision'
import type { Store } from '../../src/store/contracts'
import { type TestDatabases, testDatabases } from '../support/database'

let databases: TestDatabases
let store: Store
beforeAll(async () => {
  databases = await testDatabases()
}, 120_000)
afterAll(() => databases.remove(), 60_000)
beforeEach(async () => {
  store = (await databases.store()).store
}, 30_000)

const decision = (service: string, rest: Partial<Decision> = {}): Decision => ({
  namespace: 'hub',
  service,
  repository: `r/hub/${service}`,
  kind: 'up-to-date',
  current: 'v1',
  reason: 'newest',
  tags: [],
  ...rest,
})

describe('decisions', () => {
  it('are those of the last scan, with every tag', async () => {
    const tags = Array.from({ length: 1_000 }, (_, i) => ({
      tag: `v${i}`,
      verdict: 'older' as const,
      reason: 'older than "v1"\0',
    }))
    const many = Array.from({ length: 120 }, (_, i) => decision(`s${i}`, i === 0 ? { tags } : {}))
    await store.decisions.saveAll('scan-1', many)
    await store.decisions.saveAll('scan-1', many)
    expect(await store.decisions.list()).toHaveLength(120)
    expect((await store.decisions.read({ namespace: 'hub', service: 's0' }))?.tags).toHaveLength(1_000)

    await store.decisions.saveAll('scan-2', [
      decision('s1', { kind: 'held', candidate: { tag: 'v2', digest: 'sha256:1' } }),
    ])
    const [only, ...rest] = await store.decisions.list()
    expect(rest).toEqual([])
    expect(only).toMatchObject({ service: 's1', kind: 'held', candidate: { tag: 'v2' } })
    expect(only?.at).toBeInstanceOf(Date)
    expect(await store.decisions.read({ namespace: 'hub', service: 's0' })).toBeUndefined()
  })

  it('are none after a scan that saw none', async () => {
    await store.decisions.saveAll('scan-1', [decision('a')])
    await store.decisions.saveAll('scan-2', [])
    expect(await store.decisions.list()).toEqual([])
  })
})

it('the last scan is the one that ended last', async () => {
  expect(await store.scans.last()).toBeUndefined()
  const scan = (id: string, minute: number) => ({
    id,
    startedAt: new Date(0),
    endedAt: new Date(minute * 60_000),
    complete: true,
    summary: id,
  })
  await store.scans.save(scan('b', 2))
  await store.scans.save(scan('a', 1))
  await store.scans.save({ ...scan('b', 3), complete: false })
  expect(await store.scans.last()).toEqual({ ...scan('b', 3), complete: false })
})

it('a repository is measured by its last trusted list', async () => {
  expect(await store.repositories.lastTagCount('r/a')).toBeUndefined()
  await store.repositories.trust('r/a', 12)
  await store.repositories.trust('r/a', 13)
  expect(await store.repositories.lastTagCount('r/a')).toBe(13)
})
