import type { HubStatus, ServiceStatus, UpgradeEvent } from '../../web/src/api/shapes'
import { alwaysOpen, byPolicy, concerns, shownPart } from '../../web/src/pages/calendar-spans'
import { decisionWords, newestTag } from '../../web/src/words/decision'
import { policiesOf, yamlOf } from '../../web/src/words/settings'
import { planLines, stepsOf } from '../../web/src/words/steps'
import { ago, roughly } from '../../web/src/words/time'
import { isPaused, nowWords, stageOf, wantsRequest } from '../../web/src/words/upgrade'
import { countGroups, groupOf, verdictOf } from '../../web/src/words/verdict'
import { calendar, decided, hubStatus, services, upgradeRow, upgrades } from './fake-data'
import { stories } from './fake-stories'

const upToDate = decided('hub/a', 'up-to-date', 'v1', 'nothing newer')
const candidate = decided('hub/b', 'candidate', 'v1', 'v2 is newer', { candidate: { tag: 'v2', digest: 'd' } })
const unread = decided('hub/c', 'registry-error', 'v1', 'no answer')
const scan = hubStatus().scan as NonNullable<HubStatus['scan']>
const hubOf = (rows: ServiceStatus[], more: Partial<HubStatus> = {}): HubStatus => ({
  ...{ ...hubStatus(), scan: { ...scan, complete: true }, services: rows },
  ...more,
})
const under = (phase: 'approval' | 'rollout', needsPerson: string | null = null): ServiceStatus => ({
  ...{ ...candidate, needsPerson },
  upgrade: upgradeRow('hub/b', 'v1', 'v2', { phase }),
})
const held: ServiceStatus = { ...candidate, upgrade: upgrades.settlement, needsPerson: 'it is held' }
const suspicious = { ...decided('hub/d', 'suspicious', 'v1', 'the list is empty'), needsPerson: 'it is suspicious' }

describe('the sentence of the overview', () => {
  test.each<[string, HubStatus, string]>([
    ['held before waiting', hubOf([under('approval', 'w'), held]), '1 upgrade is held, 1 waits for an approval'],
    ['one that is held', hubOf([held]), '1 upgrade is held and needs a person'],
    ['two that are held', hubOf([held, held]), '2 upgrades are held and need a person'],
    ['waiting before running', hubOf([under('rollout'), under('approval', 'w')]), '1 upgrade waits for an approval'],
    ['two that wait', hubOf([under('approval', 'w'), under('approval', 'w')]), '2 upgrades wait for an approval'],
    ['suspicious', hubOf([suspicious]), '1 service needs a person'],
    ['no scan', hubOf([], { scan: null }), 'No scan has run yet'],
    ['a stale scan', hubOf([upToDate], { scan: { ...scan, stale: true } }), 'The last scan is too old to be believed'],
    ['running', hubOf([under('rollout'), candidate]), '1 upgrade is under way'],
    ['unread before candidates', hubOf([unread, candidate]), '1 service could not be read'],
    ['candidates', hubOf([upToDate, candidate, candidate]), '2 services can be upgraded'],
    ['all well', hubOf([upToDate], { allUpToDate: true }), 'Everything is up to date'],
    ['all well but not complete', hubOf([upToDate], { allUpToDate: false }), 'Nothing waits for anybody'],
  ])('with %s', (_case, hub, sentence) => {
    expect(verdictOf(hub).sentence).toBe(sentence)
  })

  test('tells of releases and contracts that wait, too', () => {
    const sentence = (releases: number, contracts: number) =>
      verdictOf(hubOf([upToDate]), { releases, contracts }).sentence
    expect([sentence(1, 1), sentence(0, 2)]).toEqual([
      '1 release waits for an approval',
      '2 contracts wait for an approval',
    ])
  })

  test.each<[ServiceStatus, string]>([
    [upToDate, 'up-to-date'],
    [{ ...upToDate, stale: true }, 'doubtful'],
    [candidate, 'candidate'],
    [unread, 'doubtful'],
    [{ ...upToDate, decision: null }, 'doubtful'],
    [decided('a/b', 'held', 'v1', 'too young'), 'held'],
    [decided('a/b', 'unsupported', 'v1', 'no line'), 'held'],
    [decided('a/b', 'unwatched', 'v1', 'no policy'), 'other'],
    [under('rollout'), 'underway'],
    [held, 'person'],
  ])('counts each service once (%#)', (row, group) => {
    expect(groupOf(row)).toBe(group)
  })

  test('its groups add up to all services', () => {
    expect(Object.values(countGroups(services)).reduce((sum, each) => sum + each, 0)).toBe(services.length)
  })
})

test.each<[ServiceStatus, string, string]>([
  [upToDate, '', 'v1'],
  [candidate, 'can be upgraded', 'v2'],
  [unread, 'the registry could not be read: no answer', '–'],
  [decided('a/b', 'unwatched', 'v1', 'x'), 'no policy selects it', '–'],
  [{ ...upToDate, decision: null }, 'no scan has seen it yet', '–'],
])('a decision in words, and the newest version (%#)', (row, words, newest) => {
  expect([decisionWords(row.decision), newestTag(row)]).toEqual([words, newest])
})

describe('an upgrade', () => {
  const row = upgradeRow('a/b', 'v1', 'v2', { waitingFor: 'a request, then an approval of plan p', message: 'm' })
  test('says what it waits for while it is open, else what happened', () => {
    expect(nowWords(row)).toBe('waits for a request, then an approval of plan p')
    expect(nowWords({ ...row, outcome: 'expired' })).toBe('m')
    expect(nowWords({ ...row, waitingFor: '' })).toBe('m')
  })
  test('may want a request first, and may be paused', () => {
    expect([wantsRequest(row), wantsRequest(upgrades.ledger)]).toEqual([true, false])
    expect([isPaused(row), isPaused({ ...row, waitingFor: 'an approval of plan p, paused' })]).toEqual([false, true])
  })
  test('is called by its outcome, else by its phase', () => {
    expect([stageOf(upgrades.alerts).word, stageOf(upgrades.quoting).word]).toEqual(['rolled-back', 'rollout'])
  })
})

describe('the steps', () => {
  const statesOf = (id: string) =>
    Object.fromEntries(stepsOf(stories[id] as (typeof stories)[string]).map(({ phase, state }) => [phase, state]))

  test.each<[string, string, object]>([
    ['waiting', upgrades.ledger.id, { plan: 'done', approval: 'now', window: 'ahead', rollout: 'ahead' }],
    ['rolling', upgrades.quoting.id, { approval: 'done', preflight: 'done', rollout: 'now', bake: 'ahead' }],
    ['rolled back', upgrades.alerts.id, { expand: 'done', rollout: 'failed', bake: 'unreached', rollback: 'done' }],
    ['held', upgrades.settlement.id, { rollout: 'done', bake: 'stopped' }],
    ['succeeded', upgrades.portal.id, { rollout: 'done', bake: 'done' }],
    ['rejected', upgrades.reports.id, { plan: 'done', approval: 'stopped', rollout: 'unreached' }],
  ])('of one that is %s', (_case, id, states) => {
    expect(statesOf(id)).toMatchObject(states)
  })

  test('leave out what an upgrade has not', () => {
    expect(statesOf(upgrades.portal.id)).not.toHaveProperty('rollback')
    expect(statesOf(upgrades.portal.id)).not.toHaveProperty('backfill')
  })

  test('of one that nothing was recorded of are those of its phase', () => {
    const steps = stepsOf({ upgrade: upgrades.ledger, events: [] as UpgradeEvent[], plan: null })
    expect(steps.find(({ state }) => state === 'now')?.phase).toBe('approval')
  })
})

test('lines of a plan are told apart, with what belongs to each', () => {
  expect(
    planLines([
      'plan 3f of hub a (b)',
      'migration 1: knex dir: expand x',
      '  rehearsed: y',
      'capacity: never',
      'a/b: v1 → v2',
    ]),
  ).toEqual([
    { label: 'plan', text: '3f of hub a (b)', details: [] },
    { label: 'migration 1', text: 'knex dir: expand x', details: ['rehearsed: y'] },
    { label: 'capacity', text: 'never', details: [] },
    { label: '', text: 'a/b: v1 → v2', details: [] },
  ])
})

test.each<[number, string]>([
  [10_000, 'just now'],
  [60_000, '1 min ago'],
  [3_600_000 * 5, '5 h ago'],
  [86_400_000 * 3, '3 days ago'],
  [-7_200_000, 'in 2 h'],
])('%i ms ago in words', (ms, words) => {
  expect(ago(1_000_000_000_000 - ms, 1_000_000_000_000)).toBe(words)
  expect(roughly(29_999)).toBe('')
})

describe('the calendar', () => {
  const span = { from: Date.parse('2026-12-01T00:00:00Z'), to: Date.parse('2026-12-15T00:00:00Z') }
  test('tells what is always open from windows', () => {
    expect(alwaysOpen(calendar.openings, span)).toEqual(['edge'])
    expect([...byPolicy(calendar.openings, span).keys()]).toEqual(['hub-core', 'back-office'])
  })
  test.each<[string, string | null, number | undefined]>([
    ['2026-11-30T00:00:00Z', '2026-12-02T00:00:00Z', 24],
    ['2026-12-14T00:00:00Z', null, 24],
    ['2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z', undefined],
    ['2026-12-20T00:00:00Z', null, undefined],
  ])('shows the part of %s to %s that it has', (from, to, hours) => {
    const part = shownPart({ from, to }, span)
    expect(part && (part.to - part.from) / 3_600_000).toBe(hours)
  })
  test.each<[object, boolean]>([
    [{ policy: 'core', namespace: null }, true],
    [{ policy: 'other', namespace: null }, false],
    [{ policy: null, namespace: null }, true],
    [{ policy: null, namespace: 'hub' }, true],
    [{ policy: null, namespace: 'edge' }, false],
  ])('%j holds what it should', (freeze, held) => {
    expect(
      concerns({ source: 'switch', from: '', to: null, reason: '', by: null, ...freeze } as never, 'core', ['hub']),
    ).toBe(held)
  })
})

test('settings read as refit.yaml, durations in words', () => {
  const data = { hub: { name: 'a: b' }, scan: { everyMs: 300_000 }, none: [], list: [{ x: '${Y}', z: true }] }
  expect(yamlOf(data)).toBe(
    ['hub:', '  name: "a: b"', 'scan:', '  every: 5 min', 'none: []', 'list:', '  - x: ${Y}', '    z: true'].join('\n'),
  )
  expect(
    policiesOf({ policies: [{ name: 'a', mode: 'watch', select: { namespaces: ['x'] }, strategy: 'minor' }] }),
  ).toEqual([
    {
      name: 'a',
      mode: 'watch',
      facts: [
        ['namespaces', 'x'],
        ['images', 'all'],
        ['strategy', 'minor'],
      ],
    },
  ])
  expect(policiesOf('nothing')).toEqual([])
})
