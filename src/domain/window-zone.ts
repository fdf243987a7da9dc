/** Local time in IANA zones. A local time is epoch milliseconds of the same date and time in UTC; a day counts from 1970. */
import { Temporal } from 'temporal-polyfill'

export const minuteMs = 60_000
export const dayMs = 86_400_000

/** Whether a name is an IANA time zone. Fixed offsets are none: they don't follow the clock that people live by. */
export function validTimeZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}

/** YYYY-MM-DD as days since 1970. */
export const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / dayMs
/** Days since 1970 as YYYY-MM-DD. */
export const dayText = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10)

const known = new Map<string, number>()
const mostKnown = 50_000

/** The first instant of a day since 1970, in epoch ms; that of the next one where the zone never had the day. */
export function dayStart(day: number, timeZone: string): number {
  const key = `${timeZone} ${day}`
  const start = known.get(key) ?? Temporal.PlainDate.from(dayText(day)).toZonedDateTime(timeZone).epochMilliseconds
  if (known.size > mostKnown) known.clear()
  known.set(key, start)
  return start
}

/** The local day of an instant, since 1970. */
export function dayAt(at: number, timeZone: string): number {
  const offset = Temporal.Instant.fromEpochMilliseconds(Math.floor(at)).toZonedDateTimeISO(timeZone).offsetNanoseconds
  return Math.floor((at + offset / 1e6) / dayMs)
}

/**
 * The instant at which a clock in the zone first shows a local time; the first valid instant after it where the clock
 * skips it. undefined where the zone never had the day: Samoa had no 30 December 2011.
 */
export function firstInstant(local: number, timeZone: string): number | undefined {
  const day = Math.floor(local / dayMs)
  const [start, end] = [dayStart(day, timeZone), dayStart(day + 1, timeZone)]
  if (start === end) return undefined
  // A day of 24 hours has no clock change in it.
  if (end - start === dayMs) return start + local - day * dayMs
  const { at, before, after } = changeIn(start, timeZone)
  // The clock from before the change shows a time that comes twice first, the one from behind it a time that comes later.
  if (local - before < at) return local - before
  return Math.max(at, local - after)
}

interface ClockChange {
  at: number
  /** what the clock shows beyond UTC, in ms */
  before: number
  after: number
}

const changes = new Map<string, ClockChange>()

/** The first clock change from the start of a day on. */
function changeIn(start: number, timeZone: string): ClockChange {
  const key = `${timeZone} ${start}`
  const change =
    changes.get(key) ?? changeAfter(Temporal.Instant.fromEpochMilliseconds(start - 1).toZonedDateTimeISO(timeZone))
  if (changes.size > mostKnown) changes.clear()
  changes.set(key, change)
  return change
}

function changeAfter(eve: Temporal.ZonedDateTime): ClockChange {
  const next = eve.getTimeZoneTransition('next') ?? eve
  return {
    at: next.epochMilliseconds,
    before: eve.offsetNanoseconds / 1e6,
    after: next.offsetNanoseconds / 1e6,
  }
}

/** `Sat 2026-03-07 02:00`, as a clock in the zone shows it. */
export function localWords(at: number, timeZone: string): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(Math.floor(at)).toZonedDateTimeISO(timeZone)
  const weekday = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][zoned.dayOfWeek - 1] ?? ''
  return `${weekday} ${zoned.toPlainDate().toString()} ${zoned.toPlainTime().toString({ smallestUnit: 'minute' })}`
}
