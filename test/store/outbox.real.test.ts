import { deliver } from '../../src/clients/deliver'
import type { Notifier } from '../../src/clients/contracts'
import type { Alert } from '../../src/domain/alerts'
import { RefitError } from '../../src/domain/errors'
import { createStore } from '../../src/store'
import type { Store } from '../../src/store/contracts'
import { type TestDatabases, testDatabases } from '../support/database'

let databases: TestDatabases
let store: Store
let url: string
beforeAll(async () => {
  databases = await testDatabases()
}, 120_000)
afterAll(() => databases.remove(), 60_000)
beforeEach(async () => {
  const made = await databases.store()
  store = made.store
  url = made.url
}, 30_000)

const alert = (key: string, rest: Partial<Alert> = {}): Alert => ({
  key,
  level: 'info',
  hub: 'h',
  title: key,
  text: key,
  facts: {},
  ...rest,
})

function recorder(name = 'slack#1', fail: (alert: Alert) => Error | undefined = () => undefined) {
  const sent: string[] = []
  const notifier: Notifier = {
    name,
    levels: ['info'],
    send(alert) {
      const error = fail(alert)
      if (error) return Promise.reject(error)
      sent.push(alert.title)
      return Promise.resolve()
    },
  }
  return { notifier, sent }
}

const outboxRows = () =>
  databases.query<{ target: string; attempts: number; last_error: string; sent_at: Date | null; wait: number }>(
    url,
    `select target, attempts, last_error, sent_at, extract(epoch from due_at - now())::int as wait from outbox order by id`,
  )
const makeDue = () => databases.query(url, `update outbox set due_at = now() where sent_at is null`)

it('sends each alert once to each target, in order', async () => {
  const [a, b] = [recorder('slack#1'), recorder('webhook#1')]
  for (const key of ['1', '2', '3']) await store.outbox.add(['slack#1', 'webhook#1'], alert(key))
  await store.outbox.add(['slack#1'], alert('2'))
  expect(await deliver({ store, notifiers: [a.notifier, b.notifier] })).toEqual({ sent: 6, failed: 0 })
  expect(await deliver({ store, notifiers: [a.notifier, b.notifier] })).toEqual({ sent: 0, failed: 0 })
  await store.outbox.add(['slack#1'], alert('3'))
  await deliver({ store, notifiers: [a.notifier, b.notifier] })
  expect([a.sent, b.sent]).toEqual([
    ['1', '2', '3'],
    ['1', '2', '3'],
  ])
})

it('two senders at once take different rows', async () => {
  const other = createStore(url)
  try {
    const { notifier, sent } = recorder()
    for (let i = 0; i < 60; i += 1) await store.outbox.add(['slack#1'], alert(`${i}`))
    const results = await Promise.all(
      [store, other, store, other].map((each) => deliver({ store: each, notifiers: [notifier] })),
    )
    expect(results.reduce((sum, { sent }) => sum + sent, 0)).toBe(60)
    expect(new Set(sent).size).toBe(60)
    expect(sent).toHaveLength(60)
  } finally {
    await other.close()
  }
})

it('sends again what a killed sender had claimed, once its lease is over', async () => {
  await store.outbox.add(['slack#1'], alert('1'))
  expect(await store.outbox.claim(10, 300)).toHaveLength(1)
  const { notifier, sent } = recorder()
  await deliver({ store, notifiers: [notifier] })
  expect(sent).toEqual([])
  await new Promise((resolve) => setTimeout(resolve, 400))
  await deliver({ store, notifiers: [notifier] })
  expect(sent).toEqual(['1'])
})

it('waits longer after each failure, and no alert is lost', async () => {
  let down = true
  const { notifier, sent } = recorder('slack#1', () =>
    down ? new RefitError('ALERT_REFUSED', 'down.', 'Try again.', { retryable: true }) : undefined,
  )
  await store.outbox.add(['slack#1'], alert('1'))
  const waits: number[] = []
  for (let i = 0; i < 10; i += 1) {
    await deliver({ store, notifiers: [notifier] })
    waits.push((await outboxRows())[0]?.wait ?? 0)
    await makeDue()
  }
  expect(waits.every((wait, i) => Math.abs(wait - Math.min(5 * 2 ** i, 900)) <= 2)).toBe(true)
  expect(await outboxRows()).toMatchObject([{ attempts: 10, last_error: 'down. Try again.', sent_at: null }])
  down = false
  await deliver({ store, notifiers: [notifier] })
  expect(sent).toEqual(['1'])
  expect(await outboxRows()).toMatchObject([{ last_error: '' }])
})

it('leaves a busy target alone for as long as it asks, and sends to the others', async () => {
  const busy = Object.assign(new RefitError('ALERT_REFUSED', 'busy.', 'Try again.', { retryable: true }), {
    retryAfterMs: 30_000,
  })
  let tries = 0
  const [a, b] = [recorder('slack#1', () => ((tries += 1), busy)), recorder('webhook#1')]
  for (const key of ['1', '2', '3']) await store.outbox.add(['slack#1', 'webhook#1'], alert(key))
  expect(await deliver({ store, notifiers: [a.notifier, b.notifier] })).toEqual({ sent: 3, failed: 3 })
  expect(tries).toBe(1)
  expect(
    (await outboxRows()).filter(({ target }) => target === 'slack#1').every(({ wait }) => wait >= 28 && wait <= 30),
  ).toBe(true)
})

it('one alert that a target refuses keeps none of the others back', async () => {
  const refuses = recorder('slack#1', ({ title }) =>
    title === 'bad' ? new RefitError('ALERT_REFUSED', 'no.', 'Try again.') : undefined,
  )
  for (const key of ['bad', 'good']) await store.outbox.add(['slack#1'], alert(key))
  expect(await deliver({ store, notifiers: [refuses.notifier] })).toEqual({ sent: 1, failed: 1 })
  expect(refuses.sent).toEqual(['good'])

  const breaks = recorder('webhook#1', ({ title }) =>
    title === 'bad' ? new RefitError('ALERT_REFUSED', '500.', 'Try again.', { retryable: true }) : undefined,
  )
  for (const key of ['bad', 'good']) await store.outbox.add(['webhook#1'], alert(key))
  await deliver({ store, notifiers: [breaks.notifier] })
  await databases.query(
    url,
    `update outbox set attempts = 5, due_at = now() + interval '1 minute' where target = 'webhook#1' and alert->>'title' = 'bad'`,
  )
  await databases.query(url, `update outbox set due_at = now() where target = 'webhook#1' and alert->>'title' = 'good'`)
  await deliver({ store, notifiers: [breaks.notifier] })
  expect(breaks.sent).toEqual(['good'])
})

it('keeps what was meant for a target that is not configured any more', async () => {
  await store.outbox.add(['slack#9'], alert('1'))
  expect(await deliver({ store, notifiers: [] })).toEqual({ sent: 0, failed: 1 })
  expect(await outboxRows()).toMatchObject([
    { last_error: 'refit.yaml has no target slack#9 any more.', sent_at: null },
  ])
})

describe('news', () => {
  const candidate = (state: string) =>
    alert('scan', { news: { 'candidate/hub/ledger': state }, settles: { 'read/hub/ledger': 'ok' } })
  const count = async () => (await outboxRows()).length

  it('is not repeated while nothing changes, and is news again when it comes back', async () => {
    await store.outbox.add(['slack#1'], candidate('v2'))
    await store.outbox.add(['slack#1'], candidate('v2'))
    expect(await count()).toBe(1)
    await store.outbox.add(
      ['slack#1'],
      alert('quiet', { news: { state: 'up-to-date' }, settles: { 'candidate/hub/ledger': 'none' } }),
    )
    expect(await count()).toBe(2)
    await store.outbox.add(['slack#1'], candidate('v2'))
    expect(await count()).toBe(3)
  })

  it('is noted also where nobody wants to hear of it', async () => {
    await store.outbox.add(['slack#1'], candidate('v2'))
    await store.outbox.add([], alert('quiet', { settles: { 'candidate/hub/ledger': 'none' } }))
    await store.outbox.add(['slack#1'], candidate('v2'))
    expect(await count()).toBe(2)
  })

  it('goes out once, however many scans say it at once', async () => {
    await Promise.all(Array.from({ length: 10 }, () => store.outbox.add(['slack#1', 'webhook#1'], candidate('v2'))))
    expect(await count()).toBe(2)
  })
})
