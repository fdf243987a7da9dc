import type { WindowRule } from '../../src/domain/policy'
import { at, hour, minute, rule, said } from './window-said'

/** Every line of a crontab-like schedule in which a window is a minute long: what other tools know windows by. */
describe('windows written as minutes', () => {
  const from16 = '* 16-23 * * *'
  const from3 = '* 3-7 * * *'
  const thursdays = '* 0-5 1-7,15-22 * 4'
  test.each([
    [from16, 'Asia/Singapore', '2017-06-30T15:59+08:00', 'closed until 2017-06-30T08:00Z (window)'],
    [from16, 'Asia/Singapore', '2017-06-30T16:01+08:00', 'open until 2017-06-30T16:00Z'],
    [from3, 'UTC', '2026-06-30T02:59:01Z', 'closed until 2026-06-30T03:00Z (window)'],
    // The last minute of the last hour is inside, the first of the next is not.
    [from3, 'UTC', '2026-06-30T07:59:59.999Z', 'open until 2026-06-30T08:00Z'],
    [from3, 'UTC', '2026-06-30T08:00Z', 'closed until 2026-07-01T03:00Z (window)'],
    // Day of the month and day of the week: both must fit. 1 and 15 June 2017 were Thursdays.
    [thursdays, 'UTC', '2017-06-01T01:00Z', 'open until 2017-06-01T06:00Z'],
    [thursdays, 'UTC', '2017-06-15T01:01Z', 'open until 2017-06-15T06:00Z'],
    [thursdays, 'UTC', '2017-06-16T03:00Z', 'closed until 2017-06-22T00:00Z (window)'],
    [thursdays, 'UTC', '2017-06-29T04:01Z', 'closed until 2017-07-06T00:00Z (window)'],
  ])('%s in %s at %s: %s', (cron, zone, now, expected) => expect(said(now, [rule(cron, zone, minute)])).toBe(expected))
})

describe('what other systems read differently, or have shown to matter', () => {
  const overnight = [rule('59 23 * * MON,TUE,WED,THU', 'America/Los_Angeles', 2 * minute)]
  const allDay = [rule('0 0 * * *', 'UTC', 24 * hour)]
  const late = [rule('0 22 * * *', 'UTC')]
  const cases: [what: string, now: string, windows: WindowRule[], said: string, expectedMs?: number][] = [
    [
      'the day is that of the start: Friday 00:00 is still Thursday night',
      '2019-04-05T00:00-07:00',
      overnight,
      'open until 2019-04-05T07:01Z',
    ],
    [
      'and Monday 00:00 is Sunday night, which has no window',
      '2019-04-08T00:00-07:00',
      overnight,
      'closed until 2019-04-09T06:59Z (window)',
    ],
    ['whole days leave nothing out', '2026-05-01T23:59:59.999Z', allDay, 'open'],
    [
      'an end is not part of it',
      '2026-05-01T00:01Z',
      [rule('59 23 * * *', 'UTC', 2 * minute)],
      'closed until 2026-05-01T23:59Z (window)',
    ],
    [
      'days by name',
      '2026-05-01T00:00Z',
      [rule('0 2 * * mon,wed,FRI', 'UTC')],
      'closed until 2026-05-01T02:00Z (window)',
    ],
    ['nothing written: open', '2026-05-01T00:00Z', [], 'open'],
    [
      'a zone keeps the local hour when summer time starts',
      '2026-03-28T12:00Z',
      [rule('0 22 * * *', 'Europe/Berlin')],
      'closed until 2026-03-28T21:00Z (window)',
    ],
    [
      'and after it',
      '2026-03-30T12:00Z',
      [rule('0 22 * * *', 'Europe/Berlin')],
      'closed until 2026-03-30T20:00Z (window)',
    ],
    [
      'too late to finish: 22:45 with half an hour to do',
      '2026-05-01T22:45Z',
      late,
      'closed until 2026-05-02T22:00Z (too-late)',
      30 * minute,
    ],
    ['just in time', '2026-05-01T22:30Z', late, 'open until 2026-05-01T23:00Z', 30 * minute],
    [
      'a millisecond after that',
      '2026-05-01T22:30:00.001Z',
      late,
      'closed until 2026-05-02T22:00Z (too-late)',
      30 * minute,
    ],
  ]
  test.each(
    cases.map(([what, now, windows, expected, expectedMs = 0]) => ({ what, now, windows, expected, expectedMs })),
  )('$what', ({ now, windows, expected, expectedMs }) => expect(said(now, windows, [], expectedMs)).toBe(expected))
})

/** Every day at a time that the clock skips, and at one that it shows twice; an hour each. */
describe('both clock changes', () => {
  const cases: [zone: string, what: string, cron: string, opens: string, closes: string, next: string][] = [
    ['Europe/Berlin', 'gap 02:00-03:00', '30 2 * * *', '2026-03-29T01:00Z', '2026-03-29T02:00Z', '2026-03-30T00:30Z'],
    ['Europe/Berlin', 'fold 02:00-03:00', '30 2 * * *', '2026-10-25T00:30Z', '2026-10-25T01:30Z', '2026-10-26T01:30Z'],
    [
      'Europe/Berlin',
      'the start of the gap',
      '0 2 * * *',
      '2026-03-29T01:00Z',
      '2026-03-29T02:00Z',
      '2026-03-30T00:00Z',
    ],
    ['Europe/Berlin', 'the end of the gap', '0 3 * * *', '2026-03-29T01:00Z', '2026-03-29T02:00Z', '2026-03-30T01:00Z'],
    [
      'Europe/Berlin',
      'the end of the fold',
      '0 3 * * *',
      '2026-10-25T02:00Z',
      '2026-10-25T03:00Z',
      '2026-10-26T02:00Z',
    ],
    [
      'America/New_York',
      'gap 02:00-03:00',
      '15 2 * * *',
      '2026-03-08T07:00Z',
      '2026-03-08T08:00Z',
      '2026-03-09T06:15Z',
    ],
    [
      'America/New_York',
      'fold 01:00-02:00',
      '0 1 * * *',
      '2026-11-01T05:00Z',
      '2026-11-01T06:00Z',
      '2026-11-02T06:00Z',
    ],
    // Summer time all year, but for Ramadan: back on 15 February, forth on 22 March 2026.
    [
      'Africa/Casablanca',
      'fold 02:00-03:00',
      '30 2 * * *',
      '2026-02-15T01:30Z',
      '2026-02-15T02:30Z',
      '2026-02-16T02:30Z',
    ],
    [
      'Africa/Casablanca',
      'gap 02:00-03:00',
      '30 2 * * *',
      '2026-03-22T02:00Z',
      '2026-03-22T03:00Z',
      '2026-03-23T01:30Z',
    ],
    ['Asia/Kolkata', 'none, in March', '30 2 * * *', '2026-03-28T21:00Z', '2026-03-28T22:00Z', '2026-03-29T21:00Z'],
    ['Asia/Kolkata', 'none, in October', '30 2 * * *', '2026-10-24T21:00Z', '2026-10-24T22:00Z', '2026-10-25T21:00Z'],
    [
      'Australia/Lord_Howe',
      'gap 02:00-02:30',
      '15 2 * * *',
      '2026-10-03T15:30Z',
      '2026-10-03T16:30Z',
      '2026-10-04T15:15Z',
    ],
    [
      'Australia/Lord_Howe',
      'fold 01:30-02:00',
      '45 1 * * *',
      '2026-04-04T14:45Z',
      '2026-04-04T15:45Z',
      '2026-04-05T15:15Z',
    ],
    [
      'Australia/Lord_Howe',
      'behind the fold',
      '0 2 * * *',
      '2026-04-04T15:30Z',
      '2026-04-04T16:30Z',
      '2026-04-05T15:30Z',
    ],
  ]
  test.each(cases)('%s, %s: %s opens %s', (zone, _, cron, opens, closes, next) => {
    const windows = [rule(cron, zone)]
    const before = new Date(at(opens) - 1).toISOString()
    const last = new Date(at(closes) - 1).toISOString()
    expect(said(before, windows)).toBe(`closed until ${opens} (window)`)
    expect(said(opens, windows)).toBe(`open until ${closes}`)
    expect(said(last, windows)).toBe(`open until ${closes}`)
    expect(said(closes, windows)).toBe(`closed until ${next} (window)`)
  })
})

describe('recurrence rules', () => {
  const recurring = (rrule: string, from: string, timeZone = 'UTC', except?: string[]): WindowRule => ({
    ...{ rrule, from, timeZone, durationMs: hour },
    ...(except ? { except } : {}),
  })
  test.each<[string, WindowRule, string, string]>([
    [
      'second Saturday',
      recurring('FREQ=MONTHLY;BYDAY=2SA', '2026-01-01T02:00'),
      '2026-03-01T00:00Z',
      'closed until 2026-03-14T02:00Z (window)',
    ],
    [
      'every other week',
      recurring('FREQ=WEEKLY;INTERVAL=2;BYDAY=SA', '2026-01-03T02:00'),
      '2026-01-04T00:00Z',
      'closed until 2026-01-17T02:00Z (window)',
    ],
    [
      'last day of the month',
      recurring('FREQ=MONTHLY;BYMONTHDAY=-1', '2026-01-01T02:00'),
      '2026-02-01T00:00Z',
      'closed until 2026-02-28T02:00Z (window)',
    ],
    [
      'but for a day',
      recurring('FREQ=MONTHLY;BYDAY=2SA', '2026-01-01T02:00', 'UTC', ['2026-03-14']),
      '2026-03-01T00:00Z',
      'closed until 2026-04-11T02:00Z (window)',
    ],
    [
      'until a day, which is included',
      recurring('FREQ=DAILY;UNTIL=20260302', '2026-01-01T02:00'),
      '2026-03-02T00:00Z',
      'closed until 2026-03-02T02:00Z (window)',
    ],
    [
      'and after it',
      recurring('FREQ=DAILY;UNTIL=20260302', '2026-01-01T02:00'),
      '2026-03-02T03:00Z',
      'never: no window opens in the next five years',
    ],
    [
      'until a local time',
      recurring('FREQ=DAILY;UNTIL=20260302T010000Z', '2026-01-01T02:00', 'Africa/Nairobi'),
      '2026-02-28T23:00Z',
      'open until 2026-03-01T00:00Z',
    ],
    [
      'so many times',
      recurring('FREQ=DAILY;COUNT=3', '2026-01-01T02:00'),
      '2026-01-03T03:00Z',
      'never: no window opens in the next five years',
    ],
    [
      'in the gap',
      recurring('FREQ=DAILY', '2026-01-01T02:30', 'Europe/Berlin'),
      '2026-03-29T00:59Z',
      'closed until 2026-03-29T01:00Z (window)',
    ],
    [
      'in the fold once',
      recurring('FREQ=HOURLY', '2026-01-01T00:30', 'Europe/Berlin'),
      '2026-10-25T01:45Z',
      'closed until 2026-10-25T02:30Z (window)',
    ],
    [
      'before the first start',
      recurring('FREQ=DAILY', '2026-05-01T02:00'),
      '2026-03-01T00:00Z',
      'closed until 2026-05-01T02:00Z (window)',
    ],
  ])('%s', (_, window, now, expected) => expect(said(now, [window])).toBe(expected))
})

test('a day without windows is that of the start, in the zone of the rule', () => {
  const nightly = [{ ...rule('0 23 * * *', 'America/New_York', 3 * hour), except: ['2026-05-02'] }]
  expect(said('2026-05-02T04:00Z', nightly)).toBe('open until 2026-05-02T06:00Z')
  expect(said('2026-05-03T04:00Z', nightly)).toBe('closed until 2026-05-04T03:00Z (window)')
})
