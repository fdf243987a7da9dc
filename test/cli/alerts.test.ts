import type { Notifier } from '../../src/clients/contracts'
import { RefitError } from '../../src/domain/errors'
import type { AlertRow } from '../../src/store/contracts'
import { fakeStore, now } from '../operations/support'
import { refit } from './support'

const row = (id: string, changed: Partial<AlertRow> = {}): AlertRow => ({
  id,
  target: 'slack#1',
  alert: {
    ...{ key: `k${id}`, level: 'page', hub: 'green-hub', title: 'hub/ledger is HELD', facts: {} },
    text: '```\nrefit status hub/ledger\n```\n*green-hub* (test): *hub/ledger* &lt;held&gt; \u001b[31m',
    url: 'https://t.example/page',
  },
  attempts: 0,
  createdAt: now,
  state: 'sent',
  lastError: '',
  dueAt: now,
  sentAt: now,
  deadAt: null,
  ...changed,
})
const rows = [
  row('3', { state: 'waiting', sentAt: null }),
  row('2', { state: 'dead', sentAt: null, deadAt: now, attempts: 130, lastError: 'slack#1 answered 404.' }),
  row('1'),
]
const held = () => fakeStore({ alerts: rows })

describe('refit alerts list', () => {
  test.each([
    ['alerts list', ['3', '2', '1']],
    ['alerts list --dead', ['2']],
    ['alerts list --waiting', ['3']],
    ['alerts list --limit 1', ['3']],
  ])('%s', async (line, ids) => {
    const run = await refit(`${line} -o json`, { store: held().store })
    expect(run.code).toBe(0)
    expect((run.json().alerts as { id: string; title: string }[]).map(({ id }) => id)).toEqual(ids)
    expect(run.out).not.toContain('refit status')
  })

  test('as a table says what became of each, and what to do', async () => {
    const { out } = await refit('alerts list', { store: held().store, width: 200 })
    expect(out).toMatch(/^3 +waiting .*not tried yet/m)
    expect(out).toMatch(/^2 +dead .*given up; failed 130 times: slack#1 answered 404\./m)
    expect(out).toContain('next: refit alerts resend ID, or --all-dead')
    expect((await refit('alerts list --dead', {})).out).toBe('no alert is dead\n')
  })
})

test('refit alerts show has the whole text, with nothing in it that a terminal obeys', async () => {
  const { out } = await refit('alerts show 1', { store: held().store })
  expect(out).toContain('refit status hub/ledger\ngreen-hub (test): hub/ledger <held>')
  expect(out).toContain('page: https://t.example/page')
  expect(out).not.toContain('\u001b')
  expect((await refit('alerts show 9', { store: held().store })).code).toBe(5)
  expect((await refit('alerts show x', { store: held().store })).code).toBe(2)
})

describe('refit alerts resend', () => {
  test.each<[string, number, string[]]>([
    ['alerts resend 2', 0, ['2']],
    ['alerts resend 3', 0, ['3']],
    ['alerts resend --all-dead', 0, ['2']],
    ['alerts resend', 2, []],
    ['alerts resend 2 --all-dead', 2, []],
    ['alerts resend 1', 1, []],
    ['alerts resend 9', 5, []],
  ])('%s', async (line, code, expected) => {
    const { store, resent } = held()
    expect((await refit(line, { store })).code).toBe(code)
    expect(resent).toEqual(expected)
  })
})

describe('refit alerts test', () => {
  const sent: string[] = []
  const target = (name: string, levels: Notifier['levels'], error?: Error): Notifier => ({
    name,
    levels,
    send: ({ level, title }) => {
      sent.push(`${name} ${level} ${title}`)
      return error ? Promise.reject(error) : Promise.resolve()
    },
  })
  const notifiers = [
    target('slack#1', ['page']),
    target('email#1', ['info'], new RefitError('ALERT_REFUSED', 'email#1 refused the login (535).', 'Check it.')),
  ]
  beforeEach(() => void (sent.length = 0))

  test('sends to all, and says what each answered', async () => {
    const run = await refit('alerts test --by ana', { notifiers })
    expect(run.code).toBe(1)
    expect(run.out).toMatch(/^ok {4}slack#1 +took the test$/m)
    expect(run.out).toMatch(/^fail {2}email#1 +email#1 refused the login \(535\)\. Check it\.$/m)
    expect(sent).toEqual(['slack#1 page a test of alerts, by ana', 'email#1 info a test of alerts, by ana'])
  })

  test('sends to one', async () => {
    expect((await refit('alerts test slack#1', { notifiers })).code).toBe(0)
    expect(sent).toHaveLength(1)
    const unknown = await refit('alerts test slack#2', { notifiers })
    expect(unknown.code).toBe(5)
    expect(unknown.err).toContain('refit.yaml has slack#1 and email#1.')
    expect((await refit('alerts test', { notifiers: [] })).code).toBe(5)
  })
})
