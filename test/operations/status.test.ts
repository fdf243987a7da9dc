import { hubStatus, serviceDetail } from '../../src/operations/status'
import {
  config,
  decision,
  fakeStore,
  lastScan,
  minutesAgo,
  now,
  planHash,
  upgradeRow,
  type StoreContents,
} from './support'

const statusOf = (contents: StoreContents) => hubStatus({ store: fakeStore(contents).store, config }, now)

describe('the status of a hub', () => {
  test('everything is up to date only after a fresh scan that read every image', async () => {
    expect((await statusOf({ scan: lastScan(), decisions: [decision()] })).allUpToDate).toBe(true)
  })

  test.each<[string, StoreContents]>([
    ['no scan', { decisions: [decision()] }],
    ['a scan that could not read every image', { scan: lastScan({ complete: false }), decisions: [decision()] }],
    ['an old scan', { scan: lastScan({ endedAt: minutesAgo(60) }), decisions: [decision({ at: minutesAgo(60) })] }],
    ['a registry error', { scan: lastScan(), decisions: [decision({ kind: 'registry-error' })] }],
    ['an upgrade under way', { scan: lastScan(), decisions: [decision()], upgrades: [upgradeRow()] }],
    ['nothing that is watched', { scan: lastScan(), decisions: [decision({ kind: 'unwatched' })] }],
  ])('not with %s', async (_name, contents) => {
    expect((await statusOf(contents)).allUpToDate).toBe(false)
  })

  test('with makerChecker a request is the next step before any approval', async () => {
    const waitingFor = `a request, then an approval of plan ${planHash}`
    const { next } = await statusOf({
      scan: lastScan(),
      decisions: [decision()],
      upgrades: [upgradeRow({ waitingFor })],
    })
    expect(next.command).toBe('refit request hub/ledger')
  })

  test('an unwatched service is nobody’s business', async () => {
    expect(
      (await statusOf({ scan: lastScan(), decisions: [decision(), decision({ service: 'x', kind: 'unwatched' })] }))
        .allUpToDate,
    ).toBe(true)
  })

  test('a service that only has an upgrade is shown without a decision, as stale', async () => {
    const { services } = await statusOf({ scan: lastScan(), upgrades: [upgradeRow()] })
    expect(services).toMatchObject([
      { service: 'ledger', decision: null, stale: true, upgrade: { id: `${planHash}-1` } },
    ])
  })

  test('decisions go without their list of tags', async () => {
    const tags = [{ tag: 'v1', verdict: 'older' as const, reason: '' }]
    const { services } = await statusOf({ scan: lastScan(), decisions: [decision({ tags })] })
    expect(services[0]?.decision).not.toHaveProperty('tags')
  })

  test('what needs a person: a held upgrade, a waiting approval, a suspicious list', async () => {
    const { services } = await statusOf({
      scan: lastScan(),
      decisions: [
        decision({ service: 'a', kind: 'suspicious', doubted: true, reason: 'empty' }),
        decision({ service: 'd' }),
        decision({ service: 'e', kind: 'suspicious', reason: 'no manifest' }),
      ],
      upgrades: [
        upgradeRow({ service: 'b' }),
        upgradeRow({ service: 'c', outcome: 'held', phase: 'rollout', message: 'stuck' }),
      ],
    })
    expect(services.map(({ service, needsPerson }) => [service, needsPerson])).toEqual([
      ['a', "its tag list can't be trusted: empty"],
      ['b', 'the upgrade to v1.0.1 waits for an approval'],
      ['c', 'the upgrade to v1.0.1 is held: stuck'],
      ['d', null],
      ['e', 'it is suspicious: no manifest'],
    ])
  })
})

describe('the next step', () => {
  const candidate = { tag: 'v1.0.1', digest: 'sha256:1' }
  test.each<[string, StoreContents, string | null]>([
    [
      'a held upgrade before all else',
      { upgrades: [upgradeRow({ service: 'x' }), upgradeRow({ outcome: 'held' })] },
      `refit history --upgrade ${planHash}-1 --logs`,
    ],
    ['a waiting approval', { upgrades: [upgradeRow()] }, 'refit approve hub/ledger'],
    ['the first scan', {}, 'refit scan'],
    ['an old scan', { scan: lastScan({ endedAt: minutesAgo(60) }) }, 'refit doctor'],
    [
      'an upgrade that moves',
      { scan: lastScan(), upgrades: [upgradeRow({ phase: 'bake' })] },
      'refit status hub/ledger',
    ],
    [
      'an image that could not be read',
      { scan: lastScan(), decisions: [decision({ kind: 'registry-error' })] },
      'refit status hub/ledger',
    ],
    [
      'a candidate under a watching policy',
      { scan: lastScan(), decisions: [decision({ kind: 'candidate', mode: 'watch', candidate })] },
      'refit plan hub/ledger',
    ],
    [
      'a candidate whose upgrade has not begun',
      { scan: lastScan(), decisions: [decision({ kind: 'candidate', candidate })] },
      'refit plan hub/ledger',
    ],
    ['nothing', { scan: lastScan(), decisions: [decision()] }, null],
  ])('%s', async (_name, contents, command) => {
    expect((await statusOf(contents)).next.command).toBe(command)
  })
})

test.each([
  [{ doubted: true } as const, 'refit accept hub/ledger --reason TEXT'],
  [{}, 'Mend it in the registry or in the bill of materials.'],
])('accepting is offered for a doubted list only: %j', async (doubted, said) => {
  const decisions = [decision({ kind: 'suspicious', reason: 'odd', ...doubted })]
  const { next } = await statusOf({ scan: lastScan(), decisions })
  expect(next).toMatchObject({ command: 'refit explain hub/ledger', why: expect.stringContaining(said) })
})

test('one service in full: tags, quarantine, the newest upgrade and its events', async () => {
  const ended = upgradeRow({ outcome: 'succeeded', phase: 'bake', endedAt: now })
  const event = {
    upgradeId: ended.id,
    at: now,
    phase: 'bake' as const,
    kind: 'ended',
    by: null,
    verified: false,
    message: 'runs',
  }
  const { store } = fakeStore({
    scan: lastScan(),
    decisions: [decision({ tags: [{ tag: 'v0.9.0', verdict: 'older', reason: 'not newer' }] })],
    upgrades: [ended],
    events: [event],
  })
  const detail = await serviceDetail({ store, config }, { namespace: 'hub', service: 'ledger' }, now)
  expect(detail).toMatchObject({
    latest: { id: ended.id },
    events: [event],
    quarantined: [],
    service: { upgrade: null, tags: [{ tag: 'v0.9.0' }] },
  })
})
