import { Temporal } from 'temporal-polyfill'

/** `digestAt` of refit.yaml. */
export interface DigestAt {
  /** HH:MM */
  readonly times: readonly string[]
  readonly timeZone: string
}

/** One calendar entry: a time of every day, or of one date. */
export interface CalendarTime {
  hour: number
  minute: number
  date?: { year: number; month: number; day: number }
}

/** Clock changes are written down this far ahead; a worker writes them anew whenever it starts. */
const yearsAhead = 5

/**
 * When the Schedule of the digest fires. Temporal takes a calendar literally, so a time that the clock skips would not
 * come up: on that date the digest comes as much later as the clock skips. A time that comes twice fires at either
 * instant, or at both, and has one slot. `now` is epoch ms.
 */
export function digestCalendar({ times, timeZone }: DigestAt, now: number): CalendarTime[] {
  const daily = [...new Set(times)].sort().map((time) => partsOf(time))
  const skipped: CalendarTime[] = []
  let at = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone)
  const horizon = at.add({ years: yearsAhead })
  for (;;) {
    const change = at.getTimeZoneTransition('next')
    if (!change || Temporal.ZonedDateTime.compare(change, horizon) > 0) return [...daily, ...skipped]
    at = change
    // A gap may lie on either side of midnight.
    const dates = [change.subtract({ nanoseconds: 1 }).toPlainDate(), change.toPlainDate()]
    for (const date of dates)
      for (const time of times) {
        const fires = firesAt(date, time, timeZone)
        if (fires.toPlainDateTime().equals(date.toPlainDateTime(time))) continue
        const entry = {
          ...{ hour: fires.hour, minute: fires.minute },
          date: { year: fires.year, month: fires.month, day: fires.day },
        }
        if (!skipped.some((each) => JSON.stringify(each) === JSON.stringify(entry))) skipped.push(entry)
      }
  }
}

/**
 * Which digest is due at an instant (epoch ms), as its local date and time; undefined at any other instant, as when a
 * person triggers one. Both instants of a time that comes twice give the same.
 */
export function digestSlot({ times, timeZone }: DigestAt, at: number): string | undefined {
  const here = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone)
  const yesterday = here.toPlainDate().subtract({ days: 1 })
  for (const date of [here.toPlainDate(), yesterday])
    for (const time of [...times].sort()) {
      const said = date.toPlainDateTime(time)
      if (here.toPlainDateTime().equals(said) || firesAt(date, time, timeZone).epochMilliseconds === at)
        return said.toString({ smallestUnit: 'minute' })
    }
  return undefined
}

/** The digests of a stretch [from, to) of epoch ms, each once, with the instant at which it comes first. */
export function digestsBetween(
  { times, timeZone }: DigestAt,
  from: number,
  to: number,
): { slot: string; at: number }[] {
  const dateOf = (ms: number): Temporal.PlainDate =>
    Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone).toPlainDate()
  const found: { slot: string; at: number }[] = []
  for (
    let date = dateOf(from).subtract({ days: 1 });
    Temporal.PlainDate.compare(date, dateOf(to)) <= 0;
    date = date.add({ days: 1 })
  )
    for (const time of [...new Set(times)].sort()) {
      const at = firesAt(date, time, timeZone).epochMilliseconds
      if (at >= from && at < to)
        found.push({ slot: date.toPlainDateTime(time).toString({ smallestUnit: 'minute' }), at })
    }
  return found
}

/** The shortest time between two digests, in ms, by the clock on the wall. */
export function digestInterval({ times }: Pick<DigestAt, 'times'>): number {
  const minutes = [...new Set(times)].map(partsOf).map(({ hour, minute }) => hour * 60 + minute)
  const sorted = minutes.sort((a, b) => a - b)
  const gaps = sorted.map((each, i) => (sorted[i + 1] ?? (sorted[0] ?? 0) + 1_440) - each)
  return Math.min(...gaps) * 60_000
}

/** A skipped time comes later by as much as the clock skips, a time that comes twice the first time. */
const firesAt = (date: Temporal.PlainDate, time: string, timeZone: string): Temporal.ZonedDateTime =>
  date.toPlainDateTime(time).toZonedDateTime(timeZone, { disambiguation: 'compatible' })

function partsOf(time: string): CalendarTime {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  return { hour, minute }
}
