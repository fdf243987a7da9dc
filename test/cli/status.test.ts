import { config, decision, fakeStore, lastScan, minutesAgo, planHash, upgradeRow } from '../operations/support'
import { refit } from './support'

const candidate = { tag: 'v1.0.1', digest: 'sha256:1' }

describe('refit status', () => {
  test('names the hub, the age of its picture, every service and what to do next', async () => {
    const { store } = fakeStore({
      scan: lastScan(),
      decisions: [
        decision({ kind: 'candidate', candidate }),
        decision({ service: 'quoting' }),
        decision({ service: 'x', kind: 'registry-error', reason: 'no answer' }),
      ],
      upgrades: [upgradeRow()],
    })
    const { code, out } = await refit('status', { store })
    expect(code).toBe(0)
    expect(out.split('\n').map((line) => line.replace(/ {2,}/g, ' | '))).toEqual([
      'hub green-hub (test)',
      'last scan 1 min ago: 1 up-to-date',
      '',
      'SERVICE | RUNNING | DECISION | CANDIDATE | POLICY | NEXT OPEN | UPGRADE',
      `hub/ledger | v1.0.0 | candidate: can be upgraded | v1.0.1 | core (approve) | now | approval (v1.0.1): waits for an approval of plan ${planHash}`,
      'hub/quoting | v1.0.0 | up-to-date | - | core (approve) | now | -',
      'hub/x | v1.0.0 | registry-error: the registry could not be read: no answer | - | core (approve) | now | -',
      '',
      `hub/ledger waits for an approval of plan ${planHash}.`,
      'next: refit approve hub/ledger',
      '',
    ])
  })

  test('reads the store and the configuration only', async () => {
    const { opened } = await refit('status')
    expect(opened.sort()).toEqual(['config', 'store'])
  })

  test('says when all is well', async () => {
    const { store } = fakeStore({ scan: lastScan(), decisions: [decision()] })
    expect((await refit('status', { store })).out).toMatch(
      /every watched service is up to date\nNothing waits for you.\n$/,
    )
  })

  test('before the first scan nothing is known', async () => {
    expect((await refit('status')).out).toMatch(/no scan yet: nothing is known[^]*next: refit scan\n$/)
  })

  test.each(['status', 'status ledger'])('%s never shows what is too old as up to date', async (line) => {
    const old = minutesAgo(120)
    const { store } = fakeStore({ scan: lastScan({ endedAt: old }), decisions: [decision({ at: old })] })
    const { out } = await refit(line, { store })
    expect(out).toContain('unknown: up-to-date 2 h ago')
    expect(out).toMatch(/too old to be believed[^]*next: refit doctor\n$/)
  })

  test.each([
    ['held', [upgradeRow({ outcome: 'held' })], 6],
    ['waiting', [upgradeRow()], 6],
    ['moving', [upgradeRow({ phase: 'bake', waitingFor: '' })], 0],
  ])('with --exit-code a %s upgrade decides the code', async (_name, upgrades, code) => {
    const { store } = fakeStore({ scan: lastScan(), decisions: [decision()], upgrades })
    expect((await refit('status --exit-code', { store })).code).toBe(code)
    expect((await refit('status ledger --exit-code', { store })).code).toBe(code)
    expect((await refit('status', { store })).code).toBe(0)
  })

  test('its JSON is stable', async () => {
    const { store } = fakeStore({
      scan: lastScan(),
      decisions: [decision({ kind: 'candidate', candidate })],
      upgrades: [upgradeRow()],
    })
    expect((await refit('status -o json', { store })).json()).toEqual({
      hub: { name: config.hub.name, environment: 'test' },
      scan: {
        id: 'refit/scan-1',
        startedAt: '2026-11-23T09:59:00.000Z',
        endedAt: '2026-11-23T09:59:00.000Z',
        complete: true,
        summary: '1 up-to-date',
        ageMs: 60_000,
        stale: false,
      },
      freezes: [],
      pausedSchedules: [],
      configChanged: false,
      release: null,
      services: [
        {
          namespace: 'hub',
          service: 'ledger',
          decision: {
            repository: '127.0.0.1:5000/hub/ledger',
            kind: 'candidate',
            current: 'v1.0.0',
            candidate,
            reason: 'v1.0.0 is the newest that bugfix allows',
            policy: 'core',
            mode: 'approve',
            at: '2026-11-23T09:59:00.000Z',
          },
          stale: false,
          upgrade: expect.objectContaining({
            id: `${planHash}-1`,
            phase: 'approval',
            outcome: null,
            planHash,
            startedAt: '2026-11-23T09:30:00.000Z',
          }),
          needsPerson: 'the upgrade to v1.0.1 waits for an approval',
          window: { state: 'open', nextOpen: null, nextOpenLocal: null, why: 'it is open, and nothing closes it' },
        },
      ],
      allUpToDate: false,
      next: { command: 'refit approve hub/ledger', why: `hub/ledger waits for an approval of plan ${planHash}.` },
    })
  })
})

describe('refit status SERVICE', () => {
  const tags = Array.from({ length: 20 }, (_, i) => ({
    tag: `v0.${i}.0`,
    verdict: 'older' as const,
    reason: 'not newer than v1.0.0',
  }))
  const { store } = fakeStore({ scan: lastScan(), decisions: [decision({ tags })], upgrades: [upgradeRow()] })

  test('explains its tags, the first dozen unless asked', async () => {
    const { out } = await refit('status ledger', { store })
    expect(out.match(/not newer than/g)).toHaveLength(12)
    expect(out).toContain('and 8 more: --tags')
    expect((await refit('status ledger --tags', { store })).out.match(/not newer than/g)).toHaveLength(20)
  })

  test('tells the decision with its reason and the upgrade', async () => {
    const { out } = await refit('status ledger', { store })
    expect(out).toContain('decision   up-to-date: v1.0.0 is the newest that bugfix allows')
    expect(out).toContain(`newest upgrade ${planHash}-1: v1.0.0 → v1.0.1, approval`)
  })

  test('guesses what was meant', async () => {
    expect(await refit('status leger', { store })).toMatchObject({
      code: 5,
      err: expect.stringContaining('Did you mean hub/ledger?'),
    })
  })
})

describe('colours', () => {
  const { store } = fakeStore({ scan: lastScan(), decisions: [decision()] })
  test.each([
    ['on a terminal', 'status', {}, true],
    ['not with --no-color', 'status --no-color', {}, false],
    ['not with NO_COLOR', 'status', { NO_COLOR: '1' }, false],
    ['not in JSON', 'status -o json', {}, false],
  ])('%s', async (_name, line, env, colorful) => {
    expect((await refit(line, { store, env, isColorful: true })).out.includes('\u001b[')).toBe(colorful)
  })
})
