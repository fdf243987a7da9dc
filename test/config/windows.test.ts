import { configWarnings } from '../../src/config/warnings'
import { messageOf, parse, policy } from './support'

const now = Date.parse('2026-11-24T12:00:00Z')
const weekly = '{ cron: "0 2 * * SAT", duration: 3h, timeZone: Africa/Nairobi }'

test('a recurrence rule with its first start is a window', () => {
  const text = policy(
    '    windows: [{ rrule: "FREQ=MONTHLY;BYDAY=2SA", from: "2026-01-01T02:00", duration: 3h, timeZone: UTC, except: [2026-12-12] }]',
  )
  expect(parse(text).policies[0]?.windows).toEqual([
    {
      rrule: 'FREQ=MONTHLY;BYDAY=2SA',
      from: '2026-01-01T02:00',
      durationMs: 10_800_000,
      timeZone: 'UTC',
      except: ['2026-12-12'],
    },
  ])
})

const recurring = (rrule: string, from = '2026-01-01T02:00', more = '') =>
  policy(`    windows: [{ rrule: "${rrule}", from: "${from}", duration: 3h, timeZone: UTC${more} }]`)

test.each([
  ['no rule', recurring('every Saturday'), 'policies[0].windows[0].rrule must be a recurrence rule'],
  [
    'one that ends before it starts',
    recurring('FREQ=DAILY;UNTIL=20251231'),
    'it ends (20251231) before it starts (2026-01-01T02:00)',
  ],
  ['one that never comes up', recurring('FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31'), 'it never comes up'],
  ['minutes', recurring('FREQ=MINUTELY'), 'starts more often than hourly'],
  ['a first start that is none', recurring('FREQ=DAILY', '2026-02-31T02:00'), 'policies[0].windows[0]'],
  ['31 February', policy('    windows: [{ cron: "0 0 31 2 *", duration: 1h, timeZone: UTC }]'), 'it never comes up'],
  [
    'a 31st of June on a Monday',
    policy('    windows: [{ cron: "0 0 31 6 MON", duration: 1h, timeZone: UTC }]'),
    'it never comes up',
  ],
  [
    'an exclusion that is no day',
    recurring('FREQ=DAILY', '2026-01-01T02:00', ', except: [2026-02-30]'),
    'policies[0].windows[0]',
  ],
  [
    'no duration',
    policy('    windows: [{ cron: "0 0 * * *", duration: 0s, timeZone: UTC }]'),
    'policies[0].windows[0]',
  ],
  [
    'an unknown zone',
    policy('    windows: [{ cron: "0 0 * * *", duration: 1h, timeZone: Mars/Base }]'),
    'must be an IANA time zone',
  ],
  [
    'a freeze that ends before it starts',
    policy('    freezes: [{ from: 2026-12-20, to: 2026-12-19, timeZone: UTC }]'),
    'must be the same day as from (2026-12-20) or later',
  ],
])('%s is refused', (_, text, message) => expect(messageOf(text)).toContain(message))

const warned = (rest: string): string[] => configWarnings(parse(policy(rest)), now)

test.each([
  [
    'a week between windows, three days to answer',
    `    windows: [${weekly}]`,
    [
      'policies[0] (p): approval.expires (3 d) is shorter than the longest gap between its windows (6 d 21 h): a question may expire before its window opens',
    ],
  ],
  ['eight days to answer', `    windows: [${weekly}]\n    approval: { expires: 8d }`, []],
  ['nobody is asked', `    windows: [${weekly}]\n    mode: automatic`, []],
  ['no windows', '    mode: approve', []],
])('%s', (_, rest, warnings) => expect(warned(rest)).toEqual(warnings))

test('both day fields, windows in a freeze, a past rule and too long an upgrade are worth a word', () => {
  expect(
    warned('    windows: [{ cron: "0 2 1-7 * SAT", duration: 3h, timeZone: UTC }]\n    approval: { expires: 60d }'),
  ).toEqual([
    'policies[0] (p): windows[0].cron "0 2 1-7 * SAT" restricts the day of the month and the day of the week: Refit wants both to fit, other crons take either',
  ])
  expect(
    warned(
      '    windows: [{ cron: "0 2 24 12 *", duration: 3h, timeZone: UTC }, { cron: "0 2 * * *", duration: 3h, timeZone: UTC }]\n    freezes: [{ from: 2026-12-20, to: 2027-01-04, timeZone: UTC }]',
    ),
  ).toEqual([
    'policies[0] (p): windows[0] is frozen throughout the next year: the freeze from 2026-12-20 to 2027-01-04 (UTC)',
  ])
  expect(
    warned('    windows: [{ rrule: "FREQ=DAILY;COUNT=2", from: "2026-01-01T02:00", duration: 3h, timeZone: UTC }]'),
  ).toEqual(['policies[0] (p): it never opens: no window opens in the next five years'])
  expect(warned('    windows: [{ cron: "0 2 * * *", duration: 3h, timeZone: UTC }]\n    expectedDuration: 4h')).toEqual(
    ['policies[0] (p): it never opens: no window is as long as the upgrade is expected to take (4 h)'],
  )
})
