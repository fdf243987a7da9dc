import type { Freeze, WindowRule } from '../../src/domain/policy'
import { ruleSpans, spansFrom, windowState } from '../../src/domain/window'
import { cronProblem } from '../../src/domain/window-rule'
import { dayNumber, dayStart, validTimeZone } from '../../src/domain/window-zone'
import { minute, hour, rule, said } from './window-said'

const day = 24 * hour

test('without windows and freezes it is always open', () => {
  expect(said('2026-03-01T00:00Z', [])).toBe('open')
})

test('a window of each minute is looked through only as far as a worker may stand still for', () => {
  const minutely = rule('* * * * *', 'UTC', minute / 2)
  const ask = (windows: WindowRule[]) => windowState({ windows, freezes: [], now: 0, expectedMs: minute })
  const looked = spansFrom(0, (bounds) => ruleSpans(minutely, bounds))
  expect([...looked].length).toBeLessThan(100_000)
  expect(ask([minutely]).kind).toBe('never')
  expect(ask([minutely, rule('0 2 * * SAT', 'UTC')])).toMatchObject({ kind: 'closed', opensAt: 2 * day + 2 * hour })
})

describe('a window is half-open', () => {
  const saturday = [rule('0 2 * * SAT', 'Africa/Nairobi', 3 * hour)]
  test.each([
    ['2026-03-06T22:59:59.999Z', 'closed until 2026-03-06T23:00Z (window)'],
    ['2026-03-06T23:00:00Z', 'open until 2026-03-07T02:00Z'],
    ['2026-03-07T01:59:59.999Z', 'open until 2026-03-07T02:00Z'],
    ['2026-03-07T02:00:00Z', 'closed until 2026-03-13T23:00Z (window)'],
  ])('%s: %s', (now, expected) => expect(said(now, saturday)).toBe(expected))
})

describe('several windows', () => {
  test.each([
    [
      'crossing midnight belongs to the day it began on',
      [rule('30 23 * * FRI', 'UTC', 2 * hour)],
      '2026-03-07T00:30Z',
      'open until 2026-03-07T01:30Z',
    ],
    [
      'overlapping ones close together',
      [rule('0 1 * * *', 'UTC', 2 * hour), rule('0 2 * * *', 'UTC', 4 * hour)],
      '2026-03-07T01:30Z',
      'open until 2026-03-07T06:00Z',
    ],
    [
      'touching ones close together',
      [rule('0 1 * * *', 'UTC'), rule('0 2 * * *', 'UTC')],
      '2026-03-07T01:30Z',
      'open until 2026-03-07T03:00Z',
    ],
    [
      'others do not',
      [rule('0 1 * * *', 'UTC'), rule('1 2 * * *', 'UTC')],
      '2026-03-07T01:30Z',
      'open until 2026-03-07T02:00Z',
    ],
    [
      'the earliest one opens',
      [rule('0 9 * * *', 'UTC'), rule('0 7 * * *', 'Europe/Berlin')],
      '2026-01-07T03:00Z',
      'closed until 2026-01-07T06:00Z (window)',
    ],
    ['longer than its period: open for ever', [rule('0 0 * * *', 'UTC', 25 * hour)], '2026-03-07T01:30Z', 'open'],
    ['each minute for a day: open for ever', [rule('* * * * *', 'UTC', 24 * hour)], '2026-03-07T01:30Z', 'open'],
    ['back to back: open for ever', [rule('*/15 * * * *', 'UTC', 15 * minute)], '2026-03-07T01:30Z', 'open'],
    [
      'without any duration: never',
      [rule('0 0 * * *', 'UTC', 0)],
      '2026-03-07T01:30Z',
      'never: no window opens in the next five years',
    ],
    ['29 February', [rule('0 0 29 2 *', 'UTC')], '2026-03-07T01:30Z', 'closed until 2028-02-29T00:00Z (window)'],
    [
      'a day that no month has',
      [rule('0 0 31 2 *', 'UTC')],
      '2026-03-07T01:30Z',
      'never: no window opens in the next five years',
    ],
  ])('%s', (_, windows, now, expected) => expect(said(now, windows)).toBe(expected))
})

describe('freezes', () => {
  const freeze = (from: string, to: string, timeZone = 'Africa/Nairobi'): Freeze => ({ from, to, timeZone })
  const yearEnd = [freeze('2026-12-20', '2027-01-04')]
  test.each([
    ['before the first day', '2026-12-19T20:59Z', [], yearEnd, 'open until 2026-12-19T21:00Z'],
    ['from its first local midnight', '2026-12-19T21:00Z', [], yearEnd, 'closed until 2027-01-04T21:00Z (freeze)'],
    ['through the last day', '2027-01-04T20:59Z', [], yearEnd, 'closed until 2027-01-04T21:00Z (freeze)'],
    ['after it', '2027-01-04T21:00Z', [], yearEnd, 'open'],
    [
      'beats a window',
      '2026-12-25T23:30Z',
      [rule('0 2 * * *', 'Africa/Nairobi')],
      yearEnd,
      'closed until 2027-01-04T23:00Z (freeze)',
    ],
    [
      'ends a window early',
      '2026-12-19T20:30Z',
      [rule('0 23 * * *', 'Africa/Nairobi', 4 * hour)],
      yearEnd,
      'open until 2026-12-19T21:00Z',
    ],
    [
      'cuts into a window from the left',
      '2027-01-04T20:30Z',
      [rule('0 23 * * *', 'Africa/Nairobi', 4 * hour)],
      yearEnd,
      'closed until 2027-01-04T21:00Z (freeze)',
    ],
    [
      'one day',
      '2026-05-01T10:00Z',
      [],
      [freeze('2026-05-01', '2026-05-01', 'UTC')],
      'closed until 2026-05-02T00:00Z (freeze)',
    ],
    [
      'one after the other',
      '2026-05-01T10:00Z',
      [],
      [freeze('2026-05-01', '2026-05-01', 'UTC'), freeze('2026-05-02', '2026-05-03', 'UTC')],
      'closed until 2026-05-04T00:00Z (freeze)',
    ],
    [
      'a day of 23 hours',
      '2026-03-29T21:59Z',
      [],
      [freeze('2026-03-29', '2026-03-29', 'Europe/Berlin')],
      'closed until 2026-03-29T22:00Z (freeze)',
    ],
    [
      'a day of 25 hours',
      '2026-10-25T22:59Z',
      [],
      [freeze('2026-10-25', '2026-10-25', 'Europe/Berlin')],
      'closed until 2026-10-25T23:00Z (freeze)',
    ],
    ['a day that never was', '2011-12-30T10:00Z', [], [freeze('2011-12-30', '2011-12-30', 'Pacific/Apia')], 'open'],
    [
      'for as long as anybody looks',
      '2026-05-01T10:00Z',
      [rule('0 2 * * *', 'UTC')],
      [freeze('2026-01-01', '2099-12-31', 'UTC')],
      'never: freezes cover every window of the next five years',
    ],
  ])('%s', (_, now, windows, freezes, expected) => expect(said(now, windows, freezes)).toBe(expected))
})

test.each([
  ['2026-03-07', 'UTC', '2026-03-07T00:00:00.000Z'],
  ['2026-03-07', 'Pacific/Kiritimati', '2026-03-06T10:00:00.000Z'],
  ['2026-03-07', 'Pacific/Pago_Pago', '2026-03-07T11:00:00.000Z'],
  ['2026-03-07', 'Asia/Kathmandu', '2026-03-06T18:15:00.000Z'],
  ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
])('%s begins in %s at %s', (day, timeZone, expected) =>
  expect(new Date(dayStart(dayNumber(day), timeZone)).toISOString()).toBe(expected),
)

test.each([
  ['0 2 * * SAT', true],
  ['*/5 1-3,7 1 JAN-MAR MON', true],
  [' 0  2 * * 7 ', true],
  ['0 0 31 2 *', false],
  ['@daily', false],
  ['0 2 * *', false],
  ['0 0 2 * * *', false],
  ['60 * * * *', false],
  ['0 2 * * FOO', false],
  ['', false],
])('cron line %j is valid: %s', (cron, expected) => expect(cronProblem(cron) === undefined).toBe(expected))

test.each([
  ['Africa/Nairobi', true],
  ['UTC', true],
  ['Nowhere/Land', false],
  ['+03:00', false],
  ['', false],
])('zone %j is valid: %s', (name, expected) => expect(validTimeZone(name)).toBe(expected))
