import type { Decision } from '../../src/domain/decision'
import type { DecisionRow, Store } from '../../src/store/contracts'
import { type TestDatabases, testDatabases } from '../support/database'

let databases: TestDatabases
let store: Store
let url: string
beforeAll(async () => {
  databases = await testDatabases()
})
afterAll(() => databases.remove())
beforeEach(async () => {
  ;({ store, url } = await databases.store())
})

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
const row = (service: string, rest: Partial<Decision> = {}, more: Partial<DecisionRow> = {}): DecisionRow => ({
  decision: decision(service, rest),
  inputs: 'i1',
  ...more,
})
const since = new Date('2026-11-24T12:00:00Z')
const earlier = new Date('2026-11-24T11:59:00Z')
const by = (scanId: string, readSince = since) => ({ scanId, readSince })
const key = (service: string) => ({ namespace: 'hub', service })

describe('decisions', () => {
  it('keep every tag, which the list of all leaves out', async () => {
    const tags = Array.from({ length: 1_000 }, (_, i) => ({
      tag: `v${i}`,
      verdict: 'older' as const,
      reason: 'older than "v1"\0',
    }))
    const many = Array.from({ length: 120 }, (_, i) => row(`s${i}`, i === 0 ? { tags } : {}))
    await store.decisions.save(by('scan-1'), many)
    await store.decisions.save(by('scan-1'), many)
    const listed = await store.decisions.list()
    expect(listed).toHaveLength(120)
    expect(listed[0]).not.toHaveProperty('tags')
    expect((await store.decisions.read(key('s0')))?.tags).toHaveLength(1_000)
  })

  it('are forgotten once no scan sees the service any more, and kept when one only confirms them', async () => {
    await store.decisions.save(by('scan-1'), [row('a'), row('b', { kind: 'held' }), row('c')])
    const startedAt = await store.scans.now()
    await store.decisions.confirm(by('scan-2'), [key('b')])
    await store.decisions.save(by('scan-2'), [
      row('c', { kind: 'candidate', candidate: { tag: 'v2', digest: 'sha256:1' } }),
    ])
    await store.decisions.forget(startedAt)
    const [b, c, ...rest] = await store.decisions.list()
    expect(rest).toEqual([])
    expect(b).toMatchObject({ service: 'b', kind: 'held' })
    expect(c).toMatchObject({ service: 'c', candidate: { tag: 'v2' } })
    expect(b?.at).toBeInstanceOf(Date)
    expect(await store.decisions.read(key('a'))).toBeUndefined()
  })

  it('of a batch that began to read earlier do not replace those of a later one', async () => {
    await store.decisions.save(by('hinted'), [row('a', { current: 'v2' })])
    await store.decisions.save(by('scan-1', earlier), [row('a', { current: 'v1' }), row('b')])
    await store.decisions.confirm(by('scan-1', earlier), [key('a')])
    expect((await store.decisions.list()).map(({ current }) => current)).toEqual(['v2', 'v1'])
  })

  it('of more services than a statement has bindings can be asked for', async () => {
    const keys = Array.from({ length: 40_000 }, (_, i) => key(`s${i}`))
    await store.decisions.save(by('scan-1'), [row('s39999')])
    await store.decisions.confirm(by('scan-2'), keys)
    expect((await store.decisions.inputsOf(keys)).size).toBe(1)
  })

  it('say what they were made from', async () => {
    const watched = { tag: 'v1', digest: 'sha256:1' }
    await store.decisions.save(by('scan-1'), [row('a', {}, { inputs: 'x', watched, revisitAt: 1_000 }), row('b')])
    const standing = await store.decisions.inputsOf([key('a'), key('b'), key('nobody')])
    expect([...standing]).toEqual([
      ['hub/a', { inputs: 'x', watched, revisitAt: 1_000 }],
      ['hub/b', { inputs: 'i1' }],
    ])
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

describe('a repository', () => {
  const repository = '127.0.0.1:5000/hub/ledger'
  const read = async () => (await store.repositories.read([repository])).get(repository)

  it('is measured by its last trusted list, whatever is read after it', async () => {
    expect(await read()).toBeUndefined()
    expect(await store.repositories.tags(repository)).toBeUndefined()
    await store.repositories.save(
      [{ repository, list: { tags: ['v1', 'v2'], hash: 'h1', tagsHash: 't1', etag: '"e"' } }],
      since,
    )
    await store.repositories.save([{ repository, doubted: { hash: 't2', count: 1, missing: ['v1'] } }], since)
    await store.repositories.save([{ repository, error: { code: 'REGISTRY_UNAVAILABLE', message: 'away\0' } }], since)
    expect(await read()).toMatchObject({ path: 'hub/ledger', tagCount: 2, hash: 'h1', etag: '"e"' })
    expect((await read())?.error).toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
    expect(await store.repositories.tags(repository)).toEqual(['v1', 'v2'])
    await store.repositories.save([{ repository }], since)
    expect(await read()).toMatchObject({ error: null, doubted: null, hash: 'h1' })
    expect(await store.repositories.byPath('hub/ledger')).toHaveLength(1)
    expect(await store.repositories.byPath('hub/led')).toEqual([])
  })

  it('has its doubted list accepted once, with who and why kept for ever', async () => {
    const accept = () => store.repositories.accept({ repository, by: 'ana', reason: 'pruned' })
    expect(await accept()).toEqual({ kind: 'none' })
    const doubted = { hash: 't2', count: 1, missing: ['v1'] }
    await store.repositories.save([{ repository, doubted }], since)
    expect((await read())?.doubted).toEqual(doubted)
    expect(await accept()).toEqual({ kind: 'accepted', list: doubted, lastCount: 0 })
    expect(await accept()).toEqual({ kind: 'none' })
    expect(await read()).toMatchObject({ doubted: null, accepted: 't2', acceptedMissing: ['v1'] })
    const rows = await databases.query(url, 'select tags_hash, tag_count, missing_tags, by from repository_acceptance')
    expect(rows).toEqual([{ tags_hash: 't2', tag_count: 1, missing_tags: ['v1'], by: 'ana' }])
  })

  it('has only the list accepted that a person saw', async () => {
    const seen = { hash: 'abc1', count: 1, missing: [] }
    const accept = (list: string) => store.repositories.accept({ repository, by: 'ana', reason: 'pruned', list })
    await store.repositories.save([{ repository, doubted: { ...seen, hash: 'def2' } }], since)
    expect(await accept('abc')).toMatchObject({ kind: 'another', list: { hash: 'def2' } })
    expect(await read()).toMatchObject({ accepted: null, doubted: { hash: 'def2' } })
    expect(await accept('def')).toMatchObject({ kind: 'accepted' })
  })

  it.each([
    ['another list is trusted', { list: { tags: ['v2'], hash: 'h3', tagsHash: 't3' } }, null],
    ['the last trusted one is back', {}, null],
    ['the accepted one is trusted', { list: { tags: [], hash: 'h2', tagsHash: 't2' } }, 't2'],
  ])('forgets what was accepted when %s, but not which tags may be missing', async (_, next, accepted) => {
    await store.repositories.save([{ repository, list: { tags: ['v1'], hash: 'h1', tagsHash: 't1' } }], since)
    await store.repositories.save([{ repository, doubted: { hash: 't2', count: 0, missing: ['v1'] } }], since)
    await store.repositories.accept({ repository, by: 'ana', reason: 'pruned' })
    await store.repositories.save([{ repository, ...next }], since)
    expect(await read()).toMatchObject({ accepted, acceptedMissing: ['v1'] })
    await store.repositories.save([{ repository }], since)
    expect((await read())?.accepted).toBe(accepted)
  })

  it('keeps what a batch read that began later', async () => {
    const list = (tag: string) => ({ tags: [tag], hash: tag, tagsHash: tag })
    await store.repositories.save([{ repository, list: list('new') }], since)
    await store.repositories.save([{ repository, list: list('old') }], earlier)
    expect(await read()).toMatchObject({ hash: 'new' })
    const thin = { hash: 'thin', count: 1, missing: [] }
    await store.repositories.save([{ repository, doubted: thin }], since)
    await store.repositories.save([{ repository }], earlier)
    expect((await read())?.doubted).toEqual(thin)
  })

  it('with fifty thousand tags keeps them all', async () => {
    const tags = Array.from({ length: 50_000 }, (_, i) => `v1.0.${i}`)
    await store.repositories.save([{ repository, list: { tags, hash: 'h', tagsHash: 't' } }], since)
    expect((await store.repositories.tags(repository))?.length).toBe(50_000)
  })
})

describe('the clock of a tag', () => {
  const repository = 'r/a'

  it('starts when it is first met, marks what was there before, and never starts again', async () => {
    await store.seen.note(repository, ['v1', 'v2'])
    const first = await store.seen.read(repository)
    await store.seen.note(repository, ['v1', 'v2', 'v3'])
    const second = await store.seen.read(repository)
    expect(second.v1).toEqual(first.v1)
    expect(second.v1).toMatchObject({ baseline: true })
    expect(second.v3).toMatchObject({ baseline: false })
    expect(second.v3?.firstSeenAt).toBeGreaterThanOrEqual(second.v1?.firstSeenAt ?? Infinity)
  })

  it('starts anew for another digest, not for the first one that is looked up', async () => {
    await store.seen.note(repository, ['v1'])
    await store.seen.noteDigest(repository, 'v1', 'sha256:1')
    await store.seen.noteDigest(repository, 'v1', 'sha256:1')
    expect((await store.seen.read(repository)).v1).not.toHaveProperty('digestSince')
    await store.seen.noteDigest(repository, 'v1', 'sha256:2')
    const { v1 } = await store.seen.read(repository)
    expect(v1?.digest).toBe('sha256:2')
    expect(v1?.digestSince).toBeGreaterThanOrEqual(v1?.firstSeenAt ?? Infinity)
  })
})

it('a first digest that comes later than 15 minutes starts the clock of its tag', async () => {
  const repository = 'r/a'
  await store.seen.note(repository, ['v1', 'v2'])
  const inTime = await store.seen.noteDigest(repository, 'v1', 'sha256:1')
  expect(inTime).toEqual((await store.seen.read(repository)).v1)
  expect(inTime).not.toHaveProperty('digestSince')
  await databases.query(url, `update tag_seen set first_seen_at = now() - interval '16 minutes'`)
  const late = await store.seen.noteDigest(repository, 'v2', 'sha256:2')
  expect(late).toEqual((await store.seen.read(repository)).v2)
  expect(late).toMatchObject({ baseline: true, digest: 'sha256:2' })
  expect(late.digestSince).toBeGreaterThan(late.firstSeenAt)
  expect(await store.seen.noteDigest(repository, 'v2', 'sha256:2')).toEqual(late)
})

it('the clocks of tags that are gone for 90 days are forgotten, never the last one, and of the others only some are read', async () => {
  const repository = 'r/a'
  const days = (count: number) =>
    databases.query(url, `update tag_seen set unlisted_since = unlisted_since - interval '1 day' * $1`, [count])
  const left = async () => Object.keys(await store.seen.read(repository)).sort()
  await store.seen.note(repository, ['v1', 'v2', 'v3'])
  await store.seen.note('r/b', ['v1'])
  expect(Object.keys(await store.seen.read(repository, ['v1', 'v9']))).toEqual(['v1'])
  await store.seen.prune(repository, ['v1', 'v2'])
  await days(91)
  await store.seen.prune(repository, ['v1', 'v3'])
  expect(await left()).toEqual(['v1', 'v2', 'v3'])
  await days(91)
  await store.seen.prune(repository, ['v1', 'v3'])
  expect(await left()).toEqual(['v1', 'v3'])
  await store.seen.prune(repository, [])
  await days(91)
  await store.seen.prune(repository, [])
  expect(await left()).toEqual(['v1', 'v3'])
  expect(Object.keys(await store.seen.read('r/b'))).toEqual(['v1'])
})

it('images are kept by digest', async () => {
  const facts = { digest: 'sha256:1', platforms: ['linux/amd64'], created: 1, source: 'https://example.org' }
  expect(await store.images.read('sha256:1')).toBeUndefined()
  await store.images.save(facts)
  await store.images.save({ ...facts, platforms: [] })
  expect(await store.images.read('sha256:1')).toEqual(facts)
})

it('a security mark is live until it is lifted, and can be set again', async () => {
  const mark = { ...key('ledger'), version: 'v1.0.2', reason: 'CVE-2026-1', by: 'ana' }
  expect(await store.marks.mark(mark)).toBe(true)
  expect(await store.marks.mark(mark)).toBe(false)
  expect(await store.marks.list()).toMatchObject([{ ...mark, digest: null }])
  expect(await store.marks.bind(key('ledger'), 'v1.0.2', 'sha256:1')).toBe('sha256:1')
  expect(await store.marks.bind(key('ledger'), 'v1.0.2', 'sha256:2')).toBe('sha256:1')
  expect(await store.marks.bind(key('ledger'), 'v1.0.3', 'sha256:2')).toBeUndefined()
  expect(await store.marks.list()).toMatchObject([{ ...mark, digest: 'sha256:1' }])
  expect(await store.marks.lift(key('ledger'), 'v1.0.2', 'bob')).toBe(true)
  expect(await store.marks.lift(key('ledger'), 'v1.0.2', 'bob')).toBe(false)
  expect(await store.marks.list()).toEqual([])
  expect(await store.marks.mark(mark)).toBe(true)
  expect(await store.marks.list()).toMatchObject([{ digest: null }])
})

it('batches of a scan are kept until it ends', async () => {
  const batch = (position: number) => ({ position, host: 'r', services: [] })
  await store.batches.save('scan-1', [batch(0), batch(1)])
  await store.batches.save('scan-1', [batch(0)])
  await store.batches.save('scan-2', [batch(0)])
  await store.batches.remove('scan-1')
  expect(await store.batches.read('scan-1', 1)).toBeUndefined()
  expect(await store.batches.read('scan-2', 0)).toEqual(batch(0))
})
