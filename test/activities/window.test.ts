/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { window } from '../../src/activities/window'
import type { Dependencies } from '../../src/activities/dependencies'
import { type Expected, expectedOf } from '../../src/domain/expected-duration'
import type { Policy } from '../../src/domain/policy'
import type { FreezeRow } from '../../src/store/contracts'
import { isFreeze } from '../../src/workflows/closed'
import { planOf, policy } from '../domain/fixtures'
import { hour, minute, rule } from '../domain/window-said'
import { config } from '../operations/support'
import { key } from './support'

const now = Date.parse('2026-11-24T02:30:00Z')
const nightly = rule('0 2 * * *', 'UTC')
const yearEnd = { from: '2026-11-24', to: '2026-11-30', timeZone: 'UTC' }
const thrown: FreezeRow = {
  id: '1',
  namespace: null,
  reason: 'month end',
  by: 'ana',
  verified: false,
  at: new Date(now),
}

interface Given {
  durations?: number[]
  switches?: FreezeRow[]
  /** whether the upgrade gets a turn */
  room?: boolean
}

function asked(
  { durations = [], switches = [], room = true, ...more }: Partial<Policy> & Given,
  how: Partial<Parameters<ReturnType<typeof window>>[0]> = {},
) {
  const store = {
    plans: { read: async () => planOf({ policy: policy({ windows: [nightly], ...more }) }) },
    freezes: { list: async () => switches },
    upgrades: { durations: async () => durations },
    turns: { take: async () => room },
  } as unknown as Dependencies['store']
  return window({ store, config })({ ...key, now, ...how })
}

const opens = (instant: string): number => Date.parse(instant)

test.each<[string, Parameters<typeof asked>[0], Parameters<typeof asked>[1], object]>([
  ['in its window', { durations: [10 * minute] }, {}, { kind: 'open', closesAt: opens('2026-11-24T03:00Z') }],
  [
    'outside',
    { windows: [rule('0 5 * * *', 'UTC')] },
    {},
    { kind: 'closed', opensAt: opens('2026-11-24T05:00Z'), because: 'window' },
  ],
  [
    'too late for what earlier ones took',
    { durations: [40 * minute] },
    {},
    {
      kind: 'closed',
      opensAt: opens('2026-11-25T02:00Z'),
      because: 'next window, because less than the expected 40 min is left of this one,',
    },
  ],
  [
    'too late for what the policy says',
    { expectedMs: 45 * minute },
    {},
    { kind: 'closed', opensAt: opens('2026-11-25T02:00Z') },
  ],
  ['the policy is believed before history', { expectedMs: minute, durations: [40 * minute] }, {}, { kind: 'open' }],
  [
    'underway it may go on until the end',
    { durations: [40 * minute] },
    { underway: true },
    { kind: 'open', closesAt: opens('2026-11-24T03:00Z') },
  ],
  ['and not after it', {}, { underway: true, now: opens('2026-11-24T03:00Z') }, { kind: 'closed', because: 'window' }],
  [
    'longer than any window',
    { durations: [2 * hour] },
    {},
    {
      kind: 'never',
      because:
        'no window is as long as the upgrade is expected to take (2 h), as earlier ones did; a longer window or expectedDuration in its policy lets it start',
    },
  ],
  [
    'a guess is not that strong',
    { windows: [rule('0 2 * * *', 'UTC', 31 * minute)], rollout: { ...policy().rollout, bakeMs: hour } },
    {},
    { kind: 'open' },
  ],
  [
    'in a freeze of the policy',
    { freezes: [yearEnd] },
    {},
    { kind: 'closed', opensAt: opens('2026-12-01T02:00Z'), because: 'freeze from 2026-11-24 to 2026-11-30 (UTC)' },
  ],
  [
    'a freeze that a person switched on',
    { switches: [thrown] },
    {},
    { kind: 'closed', opensAt: null, because: 'freeze by ana: month end' },
  ],
  ['also underway', { switches: [thrown] }, { underway: true }, { kind: 'closed', opensAt: null }],
  [
    'an emergency starts outside its window',
    { windows: [rule('0 5 * * *', 'UTC')] },
    { emergency: { overrideFreeze: false } },
    { kind: 'open' },
  ],
  [
    'but in no freeze',
    { freezes: [yearEnd] },
    { emergency: { overrideFreeze: false } },
    { kind: 'closed', opensAt: opens('2026-12-01T00:00Z') },
  ],
  [
    'nor against the switch',
    { switches: [thrown] },
    { emergency: { overrideFreeze: false } },
    { kind: 'closed', opensAt: null },
  ],
  [
    'while as many are under way as may be',
    { room: false },
    { start: true },
    {
      ...{ kind: 'closed', opensAt: null, cause: 'turn' },
      because: 'turn, because upgradesAtOnce is 32 and as many are under way',
    },
  ],
  ['what is under way has its turn', { room: false }, {}, { kind: 'open' }],
  ['a release has its own order', { room: false }, { start: true, underway: true }, { kind: 'open' }],
  [
    'an emergency waits for nobody',
    { room: false },
    { start: true, emergency: { overrideFreeze: false } },
    { kind: 'open' },
  ],
  [
    'unless it overrides both',
    { switches: [thrown], freezes: [yearEnd] },
    { emergency: { overrideFreeze: true } },
    { kind: 'open' },
  ],
])('%s', async (_, policyIs, how, answer) => expect(await asked(policyIs, how)).toMatchObject(answer))

test('the answer names what closes it', async () => {
  const cause = async (...args: Parameters<typeof asked>) => {
    const answer = await asked(...args)
    return answer.kind === 'closed' ? answer.cause : answer.kind
  }
  expect(await cause({ freezes: [yearEnd] })).toBe('freeze')
  expect(await cause({ switches: [thrown] })).toBe('freeze')
  expect(await cause({ durations: [40 * minute] })).toBe('window')
  expect(await cause({}, { now: opens('2026-11-24T04:00Z') })).toBe('window')
})

test.each<[string, object, boolean]>([
  ['a freeze that is called something else', { cause: 'freeze', because: 'month end' }, true],
  ['a window of a policy that is called freezer', { cause: 'window', because: 'window of freezer' }, false],
  ['a freeze as builds before said it', { because: 'freeze by ana: month end' }, true],
  ['a window as builds before said it', { because: 'window' }, false],
])('to a workflow %s', (_, words, frozen) =>
  expect(isFreeze({ kind: 'closed', opensAt: null, because: '', ...words })).toBe(frozen),
)

const twenty = Array.from({ length: 20 }, (_, index) => index + 1)
test.each<[string, Parameters<typeof expectedOf>[0], Expected]>([
  [
    'what the policy says',
    { policyMs: 5, earlier: [1], size: { bakeMs: 1, workloads: 1, migrations: 0 } },
    { ms: 5, source: 'policy' },
  ],
  [
    '19 of 20',
    { policyMs: undefined, earlier: twenty, size: { bakeMs: 1, workloads: 1, migrations: 0 } },
    { ms: 19, source: 'learned' },
  ],
  [
    'the longest of few',
    { policyMs: undefined, earlier: [3, 9, 4], size: { bakeMs: 1, workloads: 1, migrations: 0 } },
    { ms: 9, source: 'learned' },
  ],
  [
    'a guess',
    { policyMs: undefined, earlier: [], size: { bakeMs: 600_000, workloads: 2, migrations: 1 } },
    { ms: 960_000, source: 'guess' },
  ],
])('expected: %s', (_, given, expected) => expect(expectedOf(given)).toEqual(expected))
