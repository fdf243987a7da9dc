import { Temporal } from 'temporal-polyfill'
import { digestCalendar, digestInterval, digestsBetween, digestSlot } from '../../src/domain/digest-times'

const at = (text: string): number => Date.parse(text)
const berlin = { times: ['02:30', '19:00'], timeZone: 'Europe/Berlin' }
const shifts = { times: ['07:00', '19:00'], timeZone: 'Africa/Nairobi' }

describe('when the Schedule fires', () => {
  test('a zone without clock changes needs nothing but its times', () => {
    expect(digestCalendar(shifts, at('2026-11-24T00:00:00Z'))).toEqual([
      { hour: 7, minute: 0 },
      { hour: 19, minute: 0 },
    ])
  })

  test('a time that a clock change skips is made up for on that date', () => {
    const [first, second, ...skipped] = digestCalendar(berlin, at('2026-11-24T00:00:00Z'))
    expect([first, second]).toEqual([
      { hour: 2, minute: 30 },
      { hour: 19, minute: 0 },
    ])
    expect(skipped).toContainEqual({ hour: 3, minute: 30, date: { year: 2027, month: 3, day: 28 } })
    expect(skipped.map(({ date }) => date?.year)).toEqual([2027, 2028, 2029, 2030, 2031])
  })

  test('half an hour, in Lord Howe', () => {
    const howe = { times: ['02:15'], timeZone: 'Australia/Lord_Howe' }
    expect(digestCalendar(howe, at('2026-01-01T00:00:00Z'))).toContainEqual({
      hour: 2,
      minute: 45,
      date: { year: 2026, month: 10, day: 4 },
    })
  })

  test('a gap at midnight is of the day that begins with it', () => {
    const beirut = { times: ['00:30'], timeZone: 'Asia/Beirut' }
    expect(digestCalendar(beirut, at('2026-01-01T00:00:00Z'))).toContainEqual({
      hour: 1,
      minute: 30,
      date: { year: 2026, month: 3, day: 29 },
    })
  })
})

describe('which digest is due', () => {
  test.each([
    ['on time', '2026-11-24T18:00:00Z', '2026-11-24T19:00'],
    ['a second late: somebody triggered it', '2026-11-24T18:00:01Z', undefined],
    ['at another time', '2026-11-24T12:00:00Z', undefined],
    ['the first of two 02:30', '2026-10-25T00:30:00Z', '2026-10-25T02:30'],
    ['the second of two 02:30', '2026-10-25T01:30:00Z', '2026-10-25T02:30'],
    ['the 02:30 that does not exist, at 03:30', '2026-03-29T01:30:00Z', '2026-03-29T02:30'],
    ['03:30 of any other day', '2026-03-30T01:30:00Z', undefined],
  ])('%s', (_name, instant, slot) => expect(digestSlot(berlin, at(instant))).toBe(slot))
})

/** What Temporal's server does with a calendar: it looks at every minute of the clock on the wall. */
function firesBetween(digestAt: typeof berlin, from: number, to: number): number[] {
  const entries = digestCalendar(digestAt, from)
  const fires: number[] = []
  for (let ms = from; ms < to; ms += 60_000) {
    const wall = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(digestAt.timeZone)
    const isDue = entries.some(
      ({ hour, minute, date }) =>
        hour === wall.hour &&
        minute === wall.minute &&
        (!date || (date.year === wall.year && date.month === wall.month && date.day === wall.day)),
    )
    if (isDue) fires.push(ms)
  }
  return fires
}

describe.each([
  ['Europe/Berlin', '2026-03-26', '2026-10-22'],
  ['America/New_York', '2026-03-05', '2026-10-29'],
  ['Africa/Casablanca', '2026-02-12', '2026-03-19'],
  ['Australia/Lord_Howe', '2026-04-02', '2026-10-01'],
  ['Asia/Kolkata', '2026-03-26', '2026-10-22'],
])('a week around each clock change of %s', (timeZone, ...weeks) => {
  test.each(weeks)('from %s on: one digest per local date and time, whatever the clock does', (day) => {
    const digestAt = { times: ['00:30', '01:45', '02:15', '02:30', '03:10', '07:00', '19:00'], timeZone }
    const from = Temporal.PlainDate.from(day).toZonedDateTime(timeZone)
    const to = from.add({ days: 7 })
    const stretch = [from.epochMilliseconds, to.epochMilliseconds] as const
    const slots = firesBetween(digestAt, ...stretch).flatMap((ms) => digestSlot(digestAt, ms) ?? [])
    const dates = Array.from({ length: 7 }, (_, i) => from.toPlainDate().add({ days: i }).toString())
    const wanted = dates.flatMap((date) => digestAt.times.map((time) => `${date}T${time}`))
    const due = digestsBetween(digestAt, ...stretch)
    expect(new Set(due.map(({ slot }) => slot))).toEqual(new Set(wanted))
    // Two times may come at one instant where one of them is skipped: one digest then stands for both.
    const perInstant = new Map(due.map(({ slot, at: ms }) => [ms, slot]))
    expect(new Set(slots).size).toBe(perInstant.size)
    expect(wanted).toEqual(expect.arrayContaining(slots))
  })
})

test.each([
  [['07:00', '19:00'], 12],
  [['07:00'], 24],
  [['23:00', '01:00'], 2],
])('the shortest time between digests at %j is %d h', (times, hours) =>
  expect(digestInterval({ times })).toBe(hours * 3_600_000),
)
