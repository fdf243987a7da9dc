import { combinedWindowState, windowState } from '../../src/domain/window'
import { nextFit, nextOpenings } from '../../src/domain/window-openings'
import { rruleProblem, restrictsBothDays } from '../../src/domain/window-rule'
import { stateWords } from '../../src/domain/window-words'
import { at, hour, minute, rule, said } from './window-said'

const now = '2026-03-07T01:30Z'
const nightly = rule('0 2 * * *', 'UTC')
const freeze = (from: string, to: string, timeZone = 'UTC') => ({ from, to, timeZone })

test.each([
  ['a day that no month has', [rule('0 0 31 2 *', 'UTC')], [], 0, 'no window opens in the next five years'],
  [
    'a freeze for as long as anybody looks',
    [nightly],
    [freeze('2026-01-01', '2099-12-31')],
    0,
    'freezes cover every window of the next five years',
  ],
  ['longer than any window', [nightly], [], 2 * hour, 'no window is as long as the upgrade is expected to take (2 h)'],
  [
    'longer than what a freeze leaves',
    [],
    [freeze('2026-03-08', '2099-12-31')],
    48 * hour,
    'no window is as long as the upgrade is expected to take (2 d)',
  ],
])('never: %s', (_, windows, freezes, expectedMs, because) =>
  expect(said(now, windows, freezes, expectedMs)).toBe(`never: ${because}`),
)

describe('several policies at once', () => {
  const rules = (...windows: ReturnType<typeof rule>[]) => ({ windows, freezes: [] })
  test.each([
    [
      'open where all are',
      [rules(rule('0 1 * * *', 'UTC', 3 * hour)), rules(nightly)],
      '2026-03-07T02:30Z',
      { kind: 'open', closesAt: at('2026-03-07T03:00Z'), latestStart: at('2026-03-07T03:00Z') },
    ],
    [
      'closed where one is',
      [rules(rule('0 1 * * *', 'UTC', 3 * hour)), rules(nightly)],
      '2026-03-07T01:30Z',
      { kind: 'closed', opensAt: at('2026-03-07T02:00Z'), because: 'window' },
    ],
    [
      'one without windows binds nothing',
      [rules(), rules(nightly)],
      '2026-03-07T01:30Z',
      { kind: 'closed', opensAt: at('2026-03-07T02:00Z'), because: 'window' },
    ],
    [
      'the freeze of one is that of all',
      [rules(nightly), { windows: [], freezes: [freeze('2026-03-07', '2026-03-08')] }],
      '2026-03-07T02:30Z',
      { kind: 'closed', opensAt: at('2026-03-09T02:00Z'), because: 'freeze' },
    ],
    [
      'windows that never meet',
      [rules(nightly), rules(rule('0 5 * * *', 'UTC'))],
      now,
      { kind: 'never', because: 'the windows of the policies are never open at the same time in the next five years' },
    ],
    ['nothing at all', [], now, { kind: 'open' }],
  ])('%s', (_, list, moment, expected) => expect(combinedWindowState(list, at(moment))).toEqual(expected))
})

describe('the next openings', () => {
  const both = {
    windows: [nightly, rule('30 2 * * SAT', 'UTC', 2 * hour)],
    freezes: [freeze('2026-03-09', '2026-03-10'), freeze('2026-03-12', '2026-03-12')],
  }
  test('say which rules make them, what hides them and the latest start', () => {
    const told = nextOpenings(both, at('2026-03-07T00:00Z'), 5, 90 * minute).map((each) => {
      const span = [each.from, each.to ?? 0].map((instant) => new Date(instant).toISOString().slice(5, 16)).join(' ')
      return `${span} rules ${each.rules.join('+')} ${each.kind === 'open' ? (each.tooShort ? 'too short' : `until ${new Date(each.latestStart ?? 0).toISOString().slice(11, 16)}`) : `${each.count} hidden by ${each.hiddenBy.map(({ from }) => from).join()}`}`
    })
    expect(told).toEqual([
      '03-07T02:00 03-07T04:30 rules 1+2 until 03:00',
      '03-08T02:00 03-08T03:00 rules 1 too short',
      '03-09T02:00 03-10T03:00 rules 1 2 hidden by 2026-03-09',
      '03-11T02:00 03-11T03:00 rules 1 too short',
      '03-12T02:00 03-12T03:00 rules 1 1 hidden by 2026-03-12',
    ])
  })

  test('say which freeze cuts them', () => {
    const across = { windows: [rule('0 22 * * *', 'UTC', 4 * hour)], freezes: [freeze('2026-03-08', '2026-03-08')] }
    expect(nextOpenings(across, at('2026-03-07T12:00Z'), 2)).toMatchObject([
      { kind: 'open', to: at('2026-03-08T00:00Z'), cutBy: [{ from: '2026-03-08' }] },
      { kind: 'open', from: at('2026-03-09T00:00Z'), cutBy: [{ from: '2026-03-08' }] },
    ])
  })

  test('without windows there is one, without an end', () => {
    expect(nextOpenings({ windows: [], freezes: [] }, at(now), 3)).toEqual([
      { kind: 'open', from: at(now), to: null, rules: [], latestStart: null, tooShort: false, cutBy: [] },
    ])
  })

  test('the first that is long enough', () => {
    expect(nextFit(both, at('2026-03-07T04:00Z'), 90 * minute)).toMatchObject({ from: at('2026-03-14T02:00Z') })
    expect(nextFit(both, at(now), 24 * hour)).toBeUndefined()
  })
})

describe('why it is not open', () => {
  const nairobi = rule('0 2 * * SAT', 'Africa/Nairobi', 3 * hour)
  const yearEnd = freeze('2026-12-20', '2027-01-04', 'Africa/Nairobi')
  test.each([
    ['2026-03-06T22:00Z', 0, 'no window is open; it opens Sat 2026-03-07 02:00 (Africa/Nairobi)'],
    ['2026-03-07T00:00Z', 0, 'it is open until Sat 2026-03-07 05:00 (Africa/Nairobi)'],
    [
      '2026-03-07T00:00Z',
      hour,
      'it is open until Sat 2026-03-07 05:00 (Africa/Nairobi); an upgrade fits in until Sat 2026-03-07 04:00 (Africa/Nairobi)',
    ],
    [
      '2026-03-07T01:30Z',
      hour,
      'a window is open, but what is left of it is shorter than the 1 h that the upgrade is expected to take; it opens Sat 2026-03-14 02:00 (Africa/Nairobi)',
    ],
    [
      '2026-12-25T12:00Z',
      0,
      'frozen by the freeze from 2026-12-20 to 2027-01-04 (Africa/Nairobi); it opens Sat 2027-01-09 02:00 (Africa/Nairobi)',
    ],
    [
      '2026-12-19T12:00Z',
      0,
      'no window is open, and the next is cut or hidden by the freeze from 2026-12-20 to 2027-01-04 (Africa/Nairobi); it opens Sat 2027-01-09 02:00 (Africa/Nairobi)',
    ],
    ['2026-03-07T00:00Z', 4 * hour, 'it never opens: no window is as long as the upgrade is expected to take (4 h)'],
  ])('at %s, with %i ms to do', (moment, expectedMs, words) => {
    const [rules, now] = [{ windows: [nairobi], freezes: [yearEnd] }, at(moment)]
    expect(stateWords(windowState({ ...rules, now, expectedMs }), rules, now, expectedMs)).toBe(words)
  })
  test('without windows and freezes', () =>
    expect(stateWords({ kind: 'open' }, { windows: [], freezes: [] }, 0)).toBe('it is open, and nothing closes it'))
})

test.each([
  ['FREQ=MONTHLY;BYDAY=2SA', undefined],
  ['freq=weekly;byday=sa,su;byhour=2,3;wkst=mo', undefined],
  ['FREQ=DAILY;UNTIL=20270101T020000Z', undefined],
  ['FREQ=MINUTELY', 'FREQ=MINUTELY starts more often than hourly'],
  ['FREQ=FORTNIGHTLY', 'FREQ can\'t be "FORTNIGHTLY"'],
  ['BYDAY=SA', /FREQ/],
  ['FREQ=WEEKLY;BYHOUR=25', 'BYHOUR can\'t be "25"'],
  ['FREQ=DAILY;INTERVAL=0', 'INTERVAL can\'t be "0"'],
  ['FREQ=DAILY;EXDATE=20260101', /"EXDATE=20260101" is none of FREQ, INTERVAL/],
  ['FREQ=DAILY;FREQ=WEEKLY', 'FREQ stands in it twice'],
  ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31', 'it never comes up'],
  ['FREQ=DAILY;UNTIL=20251231', 'it ends (20251231) before it starts (2026-01-01T02:00)'],
  ['FREQ=DAILY;UNTIL=20260101T015959', 'it ends (20260101T015959) before it starts (2026-01-01T02:00)'],
  ['every Saturday', /is none of/],
  ['', /is none of/],
])('recurrence rule %j: %s', (rrule, problem) => {
  const found = rruleProblem(rrule, '2026-01-01T02:00')
  if (problem instanceof RegExp) expect(found).toMatch(problem)
  else expect(found).toBe(problem)
})

test.each([
  ['0 2 1-7 * SAT', true],
  ['0 2 * * SAT', false],
  ['0 2 1 * *', false],
  ['0 2 ? * SAT', false],
])('%s restricts both days: %s', (cron, both) => expect(restrictsBothDays(cron)).toBe(both))
