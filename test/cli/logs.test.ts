import { RefitError } from '../../src/domain/errors'
import type { Store, UpgradeEvent, UpgradeRow } from '../../src/store/contracts'
import { answer, startHttpServer } from '../support/http-server'
import { decision, fakeStore, minutesAgo, planHash, upgradeRow } from '../operations/support'
import { refit } from './support'

const id = `${planHash}-1`
const event = (changed: Partial<UpgradeEvent> = {}): UpgradeEvent => ({
  ...{ upgradeId: id, at: minutesAgo(20), phase: 'approval', kind: 'approved', by: 'ana', verified: false },
  message: '1 of 1',
  ...changed,
})
const log = { step: 'expand', log: 'one\n\u001b[31mtwo', at: minutesAgo(15) }
const contents = {
  decisions: [decision()],
  events: [event(), event({ at: minutesAgo(10), phase: 'rollout', kind: 'patched', by: null, message: 'ledger' })],
  logs: [log],
}
const ended = upgradeRow({ phase: 'bake', outcome: 'succeeded', endedAt: minutesAgo(1), message: 'all healthy' })

describe('refit logs', () => {
  test.each([['hub/ledger'], ['ledger'], [id]])(
    'of %s tells what happened and what Jobs wrote, in order',
    async (name) => {
      const { store } = fakeStore({ ...contents, upgrades: [ended] })
      const { code, out } = await refit(`logs ${name}`, { store })
      expect(code).toBe(0)
      expect(out.split('\n')).toEqual([
        `upgrade ${id}: hub/ledger v1.0.0 → v1.0.1`,
        '2026-11-23T09:40:00Z  approval  approved by ana (unverified): 1 of 1',
        '2026-11-23T09:45:00Z  expand wrote',
        '    one',
        '    two',
        '2026-11-23T09:50:00Z  rollout  patched: ledger',
        'ended succeeded: all healthy',
        '',
      ])
    },
  )

  test('as data it is the upgrade and its entries', async () => {
    const { store } = fakeStore({ ...contents, upgrades: [ended] })
    expect((await refit(`logs ${id} -o json`, { store })).json()).toMatchObject({
      upgrade: { id, outcome: 'succeeded' },
      entries: [
        { kind: 'event', what: 'approved' },
        { kind: 'job', step: 'expand' },
        { kind: 'event', what: 'patched' },
      ],
    })
  })

  test('of one that is held it says what to do', async () => {
    const { store } = fakeStore({ ...contents, upgrades: [upgradeRow({ outcome: 'held', heldReason: 'orphaned' })] })
    expect((await refit('logs ledger', { store })).out).toMatch(/ended held[^]*refit resume hub\/ledger/)
  })

  test.each([
    ['an upgrade that never was', `logs ${'0'.repeat(12)}-1`, 'There is no upgrade'],
    ['a service without one', 'logs ledger', 'hub/ledger has had no upgrade yet.'],
    ['a service that nobody knows', 'logs nobody', 'There is no service nobody.'],
  ])('%s exits 5', async (_, line, words) => {
    const { store } = fakeStore({ decisions: [decision()] })
    expect(await refit(line, { store })).toMatchObject({ code: 5, err: expect.stringContaining(words) })
  })
})

/** A store in which the upgrade goes on by a step whenever it is read. */
function movingStore(
  steps: { row: UpgradeRow; events: UpgradeEvent[]; away?: 'DATABASE_UNAVAILABLE' | 'PLAN_CHANGED' }[],
): Store {
  const { store } = fakeStore(contents)
  let read = -1
  const current = () => steps[Math.min(read, steps.length - 1)]
  const upgrades = {
    ...store.upgrades,
    latest: () => Promise.resolve(steps[0]?.row),
    read: () => {
      read += 1
      const code = current()?.away
      return code
        ? Promise.reject(new RefitError(code, 'The database is away.', 'Start it.'))
        : Promise.resolve(current()?.row)
    },
    events: () => Promise.resolve(current()?.events ?? []),
  }
  return { ...store, upgrades, jobLogs: { ...store.jobLogs, list: () => Promise.resolve([]) } }
}

describe('refit logs --follow', () => {
  const [first, second] = contents.events as [UpgradeEvent, UpgradeEvent]
  const live = () => new AbortController().signal

  test('shows each entry once, until the upgrade ends', async () => {
    const open = upgradeRow({ phase: 'rollout', waitingFor: '' })
    const store = movingStore([
      { row: open, events: [first] },
      { row: open, events: [first] },
      { row: ended, events: [first, second] },
    ])
    const { code, out } = await refit('logs ledger --follow', { store, interrupted: live() })
    expect(code).toBe(0)
    expect(out.match(/approved by ana/g)).toHaveLength(1)
    expect(out).toMatch(/^upgrade [^]*approved[^]*patched: ledger\nended succeeded: all healthy\n$/)
  }, 15_000)

  test('as JSON, a line each; as YAML, a document each', async () => {
    const steps = [{ row: ended, events: [first, second] }]
    const json = await refit('logs ledger -f -o json', { store: movingStore(steps) })
    expect(
      json.out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { what: string }).what),
    ).toEqual(['approved', 'patched'])
    const yaml = await refit('logs ledger -f -o yaml', { store: movingStore(steps) })
    expect(yaml.out.match(/^---$/gm)).toHaveLength(2)
  })

  test('goes on when the store was away, and says so once', async () => {
    const open = upgradeRow({ phase: 'rollout' })
    const store = movingStore([
      { row: open, events: [first] },
      { row: open, events: [first] },
      { row: open, events: [], away: 'DATABASE_UNAVAILABLE' },
      { row: open, events: [], away: 'DATABASE_UNAVAILABLE' },
      { row: ended, events: [first, second] },
    ])
    const { code, err } = await refit('logs ledger --follow', { store, interrupted: live() })
    expect(code).toBe(0)
    expect(err.match(/The database is away\. It is asked again\./g)).toHaveLength(1)
    expect(err).toContain('it answers again')
  }, 15_000)

  test('ends with what does not pass', async () => {
    const open = upgradeRow({ phase: 'rollout' })
    const store = movingStore([
      { row: open, events: [first] },
      { row: open, events: [first] },
      { row: open, events: [], away: 'PLAN_CHANGED' },
    ])
    expect((await refit('logs ledger --follow', { store, interrupted: live() })).code).toBe(3)
  }, 15_000)

  test('ends with Ctrl-C', async () => {
    const store = movingStore([{ row: upgradeRow(), events: [first] }])
    expect(await refit('logs ledger --follow', { store })).toMatchObject({ code: 0 })
  })
})

test('over --server it is that server’s', async () => {
  const server = await startHttpServer()
  server.answerByDefault((response, { path }) => {
    const body = path.endsWith('/logs') ? { logs: [log] } : { upgrade: ended, events: contents.events }
    answer(200, JSON.stringify(body))(response, { method: 'GET', path, headers: {}, body: '' })
  })
  try {
    const env = { REFIT_SERVER: server.url, REFIT_TOKEN: 'rft_x' }
    const { code, out, opened } = await refit(`logs ${id}`, { env })
    expect([code, opened]).toEqual([0, []])
    expect(out).toMatch(/approved by ana[^]*expand wrote[^]*patched: ledger\nended succeeded/)
    expect(server.received.map(({ path }) => path).sort()).toEqual([
      `/api/v1/upgrades/${id}`,
      `/api/v1/upgrades/${id}/logs`,
    ])
  } finally {
    await server.close()
  }
})

describe('refit status --watch', () => {
  const store = () => fakeStore({ decisions: [decision()] }).store

  test('on a terminal draws anew', async () => {
    const { code, out } = await refit('status --watch', { store: store(), width: 120 })
    expect(code).toBe(0)
    expect(out.startsWith('\u001b[H\u001b[2J')).toBe(true)
    expect(out).toContain('hub/ledger')
  })

  test('elsewhere, and as data, tells only what has changed', async () => {
    const stop = new AbortController()
    let reads = 0
    const moving = store()
    const decisions = {
      ...moving.decisions,
      list: () => {
        reads += 1
        if (reads > 3) stop.abort()
        return Promise.resolve([decision({ kind: reads < 3 ? 'up-to-date' : 'candidate', at: new Date() })])
      },
    }
    const run = await refit('status --watch -o json', { store: { ...moving, decisions }, interrupted: stop.signal })
    const kinds = run.out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { services: { decision: { kind: string } }[] }).services[0]?.decision.kind)
    expect(kinds).toEqual(['up-to-date', 'candidate'])
  }, 20_000)

  test.each(['status --watch --since 1h', 'status --watch --exit-code'])('%s has no end', async (line) => {
    expect((await refit(line, { store: store() })).code).toBe(2)
  })
})
