import { rule, said } from './window-said'

describe('clock changes', () => {
  test.each([
    // 29 March 2026: 02:00 becomes 03:00 in Berlin, which is 01:00 UTC
    [
      'a start in the gap moves to the first valid instant',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-29T00:59Z',
      'closed until 2026-03-29T01:00Z (window)',
    ],
    [
      'and lasts its whole duration from there',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-29T01:59Z',
      'open until 2026-03-29T02:00Z',
    ],
    [
      'and the next day is the usual one',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-29T02:00Z',
      'closed until 2026-03-30T00:30Z (window)',
    ],
    // 25 October 2026: 02:30 happens at 00:30 UTC and again at 01:30 UTC
    [
      'a start in the fold fires at the first',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-25T00:45Z',
      'open until 2026-10-25T01:30Z',
    ],
    [
      'and not at the second',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-25T01:45Z',
      'closed until 2026-10-26T01:30Z (window)',
    ],
    [
      'lists of hours fire once in the fold as well',
      '30 1,2 * * *',
      'Europe/Berlin',
      '2026-10-25T01:45Z',
      'closed until 2026-10-26T00:30Z (window)',
    ],
    // 8 March and 1 November 2026 in New York
    [
      'gap in New York',
      '15 2 * * *',
      'America/New_York',
      '2026-03-08T06:30Z',
      'closed until 2026-03-08T07:00Z (window)',
    ],
    ['fold in New York, first', '30 1 * * *', 'America/New_York', '2026-11-01T05:30Z', 'open until 2026-11-01T06:30Z'],
    [
      'fold in New York, second',
      '30 1 * * *',
      'America/New_York',
      '2026-11-01T06:30Z',
      'closed until 2026-11-02T06:30Z (window)',
    ],
    // Lord Howe moves by half an hour: gap 02:00 to 02:30 on 4 October, fold 01:30 to 02:00 on 5 April 2026
    ['half-hour gap', '15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T15:30Z', 'open until 2026-10-03T16:30Z'],
    ['half-hour fold, first', '45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T14:45Z', 'open until 2026-04-04T15:45Z'],
    [
      'half-hour fold, once',
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-04T15:50Z',
      'closed until 2026-04-05T15:15Z (window)',
    ],
    ['no clock change in Nairobi', '0 2 * * *', 'Africa/Nairobi', '2026-03-28T23:30Z', 'open until 2026-03-29T00:00Z'],
    // Samoa had no 30 December 2011
    [
      'a day that does not exist has no window',
      '0 12 * * *',
      'Pacific/Apia',
      '2011-12-29T23:00Z',
      'closed until 2011-12-30T22:00Z (window)',
    ],
    [
      'midnight that does not exist',
      '0 0 * * *',
      'America/Sao_Paulo',
      '2018-11-04T03:00Z',
      'open until 2018-11-04T04:00Z',
    ],
  ])('%s', (_, cron, timeZone, now, expected) => expect(said(now, [rule(cron, timeZone)])).toBe(expected))

  test('the local hour stays, the UTC hour moves', () => {
    const windows = [rule('0 2 * * *', 'Europe/Berlin')]
    expect(said('2026-03-27T12:00Z', windows)).toBe('closed until 2026-03-28T01:00Z (window)')
    expect(said('2026-03-30T12:00Z', windows)).toBe('closed until 2026-03-31T00:00Z (window)')
  })
})
