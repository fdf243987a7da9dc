import type { Activities } from '../../src/activities'
import { digest } from '../../src/activities/digest'
import type { Dependencies } from '../../src/activities/dependencies'
import { digestsBetween } from '../../src/domain/digest-times'
import { freezeAlert, unfreezeAlert } from '../../src/domain/freeze-alerts'
import type { FreezeRow, Store } from '../../src/store/contracts'
import { config } from '../operations/support'
import { testDatabases, type TestDatabases } from '../support/database'

let databases: TestDatabases
let store: Store
let url: string
beforeAll(async () => void (databases = await testDatabases()))
beforeEach(async () => void ({ store, url } = await databases.store()))
afterAll(() => databases.remove())

const alertKeys = async (): Promise<string[]> =>
  (await databases.query<{ key: string }>(url, 'select key from outbox order by id')).map(({ key }) => key)

describe('the freeze switch', () => {
  const told = (row: FreezeRow) => ({ targets: ['slack#1'], alert: freezeAlert(config.hub, row) })
  const lifted = (row: FreezeRow) => ({
    targets: ['slack#1'],
    alert: unfreezeAlert(config.hub, row, { by: 'ben', verified: true, because: 'over' }),
  })
  const hub = { namespace: null, reason: 'incident', by: 'ana' }

  test('is one per namespace and one of the hub, each told once', async () => {
    const first = await store.freezes.add(hub, told)
    expect(first).toMatchObject({ namespace: null, isNew: true, verified: false })
    expect(await store.freezes.add({ ...hub, by: 'ben' }, told)).toMatchObject({
      id: first.id,
      by: 'ana',
      isNew: false,
    })
    const second = await store.freezes.add({ ...hub, namespace: 'hub' }, told)
    expect((await store.freezes.list('hub')).map(({ namespace }) => namespace)).toEqual([null, 'hub'])
    expect((await store.freezes.list('other')).map(({ namespace }) => namespace)).toEqual([null])
    expect(await alertKeys()).toEqual([`freeze/${first.id}`, `freeze/${second.id}`])
  })

  test('set by many at once is set once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => store.freezes.add({ ...hub, by: `p${i}` }, told)),
    )
    expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1)
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    expect(await alertKeys()).toHaveLength(1)
  })

  test('that is lifted stays in the record, and the next one is another', async () => {
    const first = await store.freezes.add(hub, told)
    const lifting = { namespace: null, by: 'ben', verified: true, reason: 'over' }
    expect(await store.freezes.lift(lifting, lifted)).toMatchObject({ id: first.id })
    expect(await store.freezes.lift(lifting, lifted)).toBeUndefined()
    expect(await store.freezes.list()).toEqual([])
    const second = await store.freezes.add(hub, told)
    expect(await store.freezes.since(new Date(0))).toMatchObject([
      { id: second.id, lifted: null },
      { id: first.id, lifted: { by: 'ben', verified: true, because: 'over' } },
    ])
    expect(await alertKeys()).toEqual([`freeze/${first.id}`, `freeze/${first.id}/lifted`, `freeze/${second.id}`])
  })

  test('is not set when what is said of it can not be kept', async () => {
    const broken = () => {
      throw new Error('no text')
    }
    await expect(store.freezes.add(hub, broken)).rejects.toThrow('no text')
    expect(await store.freezes.list()).toEqual([])
  })
})

describe('a week of digests', () => {
  const digestAt = { times: ['02:30', '19:00'], timeZone: 'Europe/Berlin' }
  const from = Date.parse('2026-10-21T22:00:00Z')
  const tell = (): Activities['digest'] =>
    digest({
      store,
      config: { ...config, digestAt },
      notifiers: [{ name: 'slack#1', levels: ['action'], send: () => Promise.resolve() }],
      logger: { info: () => undefined },
    } as unknown as Dependencies)

  test('over the end of summer time: one per local date and time, although every one comes twice', async () => {
    // Seven days are an hour longer in this week.
    const due = digestsBetween(digestAt, from, from + 7 * 86_400_000 + 3_600_000)
    expect(due).toHaveLength(14)
    const secondHalfPastTwo = Date.parse('2026-10-25T01:30:00Z')
    const news: boolean[] = []
    for (const { at } of [...due, { at: secondHalfPastTwo }].sort((a, b) => a.at - b.at))
      for (const run of ['first', 'again']) news.push((await tell()({ dueAt: at, run })).told)
    expect(news.filter(Boolean)).toHaveLength(14)
    expect(await alertKeys()).toEqual(due.map(({ slot }) => `digest/${slot}`))
  })

  test('one that a person triggers comes in any case, once per run', async () => {
    const noon = Date.parse('2026-10-22T10:00:00Z')
    for (const run of ['refit/digest-1', 'refit/digest-1', 'refit/digest-2']) await tell()({ dueAt: noon, run })
    expect(await alertKeys()).toEqual(['digest/by hand, refit/digest-1', 'digest/by hand, refit/digest-2'])
  })

  test('each begins where the one before has ended', async () => {
    for (const run of ['a', 'b']) await tell()({ dueAt: 1, run })
    const rows = await databases.query<{ from_at: Date; to_at: Date }>(url, 'select * from digest order by to_at')
    expect(rows[1]?.from_at).toEqual(rows[0]?.to_at)
    expect((rows[0]?.to_at.getTime() ?? 0) - (rows[0]?.from_at.getTime() ?? 0)).toBe(12 * 3_600_000)
  })

  test('two at once are one', async () => {
    const [{ at } = { at: 0 }] = digestsBetween(digestAt, from, from + 86_400_000)
    const answers = await Promise.all(Array.from({ length: 4 }, () => tell()({ dueAt: at, run: 'x' })))
    expect(answers.filter(({ told }) => told)).toHaveLength(1)
    expect(await alertKeys()).toHaveLength(1)
  })
})

test('a Schedule’s changes are kept where they change something', async () => {
  const note = (paused: boolean, by?: string) =>
    store.schedules.note({ schedule: 'refit/scan', paused, note: `${paused}`, ...(by ? { by } : {}) })
  await note(false)
  await note(true, 'ana')
  await note(true)
  expect(await store.schedules.paused()).toMatchObject([{ schedule: 'refit/scan', note: 'true' }])
  await note(false, 'ana')
  expect(await store.schedules.paused()).toEqual([])
  const rows = await databases.query<{ by: string | null }>(url, 'select by from schedule_change order by id')
  expect(rows.map(({ by }) => by)).toEqual(['ana', 'ana'])
})

test('the newest start of a worker counts', async () => {
  expect(await store.workers.last()).toBeUndefined()
  for (const hash of ['a', 'b']) await store.workers.started(hash)
  expect(await store.workers.last()).toMatchObject({ configHash: 'b' })
})
