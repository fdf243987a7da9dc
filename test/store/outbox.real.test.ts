import { deliver } from '../../src/clients/deliver'
import type { Notifier } from '../../src/clients/contracts'
import type { Alert } from '../../src/domain/alerts'
import { RefitError } from '../../src/domain/errors'
import { overseeOutbox } from '../../src/oversee-outbox'
import { createStore } from '../../src/store'
import type { Store } from '../../src/store/contracts'
import { type TestDatabases, testDatabases } from '../support/database'

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
const makeDue = async () => {
  await databases.query(url, `update outbox set due_at = now() where sent_at is null`)
  await databases.query(url, `update outbox_target set rest_until = null`)
}

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

it('sends what a killed sender had begun, once its lease is over', async () => {
  await store.outbox.add(['slack#1'], alert('1'))
  expect(await store.outbox.lease('slack#1', 'killed', 60_000)).toBe(0)
  const { notifier, sent } = recorder()
  expect(await store.outbox.dueTargets()).toEqual([])
  await deliver({ store, notifiers: [notifier] })
  expect(sent).toEqual([])
  await databases.query(url, `update outbox_target set leased_until = now()`)
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
  expect(
    waits.filter((wait, i) => wait < Math.min(5 * 2 ** i, 900) * 0.8 - 2 || wait > Math.min(5 * 2 ** i, 900) * 1.2 + 2),
  ).toEqual([])
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
  expect(await deliver({ store, notifiers: [a.notifier, b.notifier] })).toEqual({ sent: 3, failed: 1 })
  expect(await deliver({ store, notifiers: [a.notifier, b.notifier] })).toEqual({ sent: 0, failed: 0 })
  expect(tries).toBe(1)
  const rest = await databases.query<{ wait: number }>(
    url,
    `select extract(epoch from rest_until - now())::int as wait from outbox_target where target = 'slack#1'`,
  )
  expect(rest[0]?.wait).toBeGreaterThan(0)
  expect(rest[0]?.wait).toBeLessThanOrEqual(30)
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
  // The target's rest is over before the bad one's own wait.
  await databases.query(url, `update outbox_target set rest_until = null`)
  await deliver({ store, notifiers: [breaks.notifier] })
  expect(breaks.sent).toEqual(['good'])
})

it('keeps what was meant for a target that is not configured any more, and gives it up in the end', async () => {
  await store.outbox.add(['slack#9'], alert('1'))
  expect(await deliver({ store, notifiers: [] })).toEqual({ sent: 0, failed: 0 })
  expect(await store.outbox.giveUp(['slack#1'], 60_000)).toBe(0)
  expect(await store.outbox.giveUp(['slack#1', 'slack#9'], 0)).toBe(0)
  expect(await store.outbox.giveUp(['slack#1'], 0)).toBe(1)
  expect(await store.outbox.list({ state: 'dead', limit: 10 })).toMatchObject([
    { target: 'slack#9', state: 'dead', lastError: 'refit.yaml has no target slack#9 any more.' },
  ])
})

it('what is sent under a key is what was first stored under it, whatever is said of it later', async () => {
  const bodies: string[] = []
  const keeper: Notifier = {
    name: 'slack#1',
    levels: ['info'],
    send: ({ text, title, level }, { id }) => {
      bodies.push(JSON.stringify({ id, text, title, level }))
      return Promise.reject(new RefitError('ALERT_REFUSED', 'down.', 'Again.', { retryable: true }))
    },
  }
  expect(await store.outbox.add(['slack#1'], alert('k', { text: 'first' }))).toBe(true)
  for (let i = 0; i < 3; i += 1) {
    await deliver({ store, notifiers: [keeper] })
    expect(await store.outbox.add(['slack#1'], alert('k', { text: `other ${i}`, level: 'page' }))).toBe(false)
    await makeDue()
  }
  expect(new Set(bodies)).toEqual(new Set([JSON.stringify({ id: 'h/k', text: 'first', title: 'k', level: 'info' })]))
  expect(bodies).toHaveLength(3)
})

describe('dead letters', () => {
  const dead = async () => {
    await store.outbox.add(['slack#1'], alert('1'))
    await databases.query(url, `update outbox set tried_since = now() - interval '5 days'`)
    const told: string[] = []
    const down = recorder('slack#1', () => new RefitError('ALERT_REFUSED', 'down.', 'Again.', { retryable: true }))
    await deliver({
      store,
      notifiers: [down.notifier],
      onDead: ({ alert: { key } }, error) => told.push(`${key} ${error}`),
    })
    await makeDue()
    return told
  }

  it('are what failed for five days; they are not tried any more, and said to be dead', async () => {
    expect(await dead()).toEqual(['1 down. Again.'])
    const { notifier, sent } = recorder()
    expect(await deliver({ store, notifiers: [notifier] })).toEqual({ sent: 0, failed: 0 })
    expect(sent).toEqual([])
    expect(await store.outbox.targets()).toMatchObject([{ target: 'slack#1', waiting: 0, dead: 1, oldest: null }])
  })

  it.each<['dead' | 'id']>([['dead'], ['id']])('are sent again when a person says so: %s', async (which) => {
    await dead()
    const [row] = await store.outbox.list({ state: 'dead', limit: 5 })
    const { notifier, sent } = recorder()
    expect(await store.outbox.resend(which === 'dead' ? 'dead' : { id: row?.id ?? '' })).toBe(1)
    expect(await store.outbox.read(row?.id ?? '')).toMatchObject({ state: 'waiting', attempts: 0 })
    await deliver({ store, notifiers: [notifier] })
    expect(sent).toEqual(['1'])
    expect(await store.outbox.resend({ id: row?.id ?? '' })).toBe(0)
  })
})

it('tells a target whether newer news of the same thread was there first', async () => {
  const seen: string[] = []
  let fails = true
  const notifier: Notifier = {
    name: 'slack#1',
    levels: ['info'],
    send({ title }, { overtaken }) {
      if (fails && title === 'old') return Promise.reject(new RefitError('ALERT_REFUSED', 'no.', 'Again.'))
      seen.push(`${title} ${overtaken}`)
      return Promise.resolve()
    },
  }
  await store.outbox.add(['slack#1'], alert('old', { thread: 't' }))
  await store.outbox.add(['slack#1'], alert('other', { thread: 'u' }))
  await store.outbox.add(['slack#1'], alert('new', { thread: 't' }))
  await deliver({ store, notifiers: [notifier] })
  fails = false
  await makeDue()
  await deliver({ store, notifiers: [notifier] })
  expect(seen).toEqual(['other false', 'new false', 'old true'])
})

describe('a stuck target', () => {
  const hub = { name: 'h', environment: 'test' }
  const targets: Notifier[] = [
    { name: 'slack#1', levels: ['page'], send: () => Promise.resolve() },
    { name: 'email#1', levels: ['page'], send: () => Promise.resolve() },
    { name: 'webhook#1', levels: ['info', 'page'], send: () => Promise.resolve() },
  ]
  const errors: string[] = []
  const logger = { warn: () => undefined, error: (_: unknown, text?: string) => void errors.push(text ?? '') }
  const oversee = () => overseeOutbox({ store, notifiers: targets, hub, logger })
  const rows = async () =>
    (await store.outbox.list({ limit: 50 })).map(({ target, alert: a }) => `${target} ${a.level} ${a.title}`)
  beforeEach(() => void (errors.length = 0))

  it('pages through the others, once per incident, and says when it flows again', async () => {
    await store.outbox.add(['slack#1'], alert('1'))
    await oversee()
    expect(await rows()).toHaveLength(1)
    await databases.query(url, `update outbox set tried_since = now() - interval '16 minutes'`)
    await Promise.all([oversee(), oversee(), oversee()])
    await oversee()
    const page = "page alerts don't reach slack#1"
    expect((await rows()).sort()).toEqual([`email#1 ${page}`, 'slack#1 info 1', `webhook#1 ${page}`])
    expect(errors).toEqual(['alerts do not reach a target'])

    await databases.query(url, `update outbox set sent_at = now()`)
    await oversee()
    await oversee()
    expect((await rows()).filter((row) => row.includes('again'))).toEqual(['webhook#1 info alerts reach slack#1 again'])

    await store.outbox.add(['slack#1'], alert('2'))
    await databases.query(
      url,
      `update outbox set tried_since = now() - interval '16 minutes' where target = 'slack#1' and sent_at is null`,
    )
    await oversee()
    expect((await rows()).filter((row) => row.includes(page))).toHaveLength(4)
    expect(errors).toHaveLength(2)
  })

  it('is logged where there is no other', async () => {
    await store.outbox.add(['slack#1'], alert('1'))
    await databases.query(url, `update outbox set tried_since = now() - interval '16 minutes'`)
    for (let i = 0; i < 2; i += 1) await overseeOutbox({ store, notifiers: targets.slice(0, 1), hub, logger })
    expect(errors).toHaveLength(1)
    expect(await rows()).toHaveLength(1)
  })
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
