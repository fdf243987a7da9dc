/** Windows and freezes at random: as Refit reads them, and as a slow search understands them. */
import fc from 'fast-check'
import type { Freeze, WindowRule } from '../../src/domain/policy'
import { hour, minute } from './window-said'
import type { SlowRule } from './window-search'

export const zones = ['Europe/Berlin', 'America/New_York', 'Africa/Casablanca', 'Asia/Kolkata', 'Australia/Lord_Howe']
export const firstDay = Date.UTC(2020, 0, 1) / 86_400_000
export const lastDay = Date.UTC(2030, 0, 1) / 86_400_000
/** of a stretch */
export const days = 10

export interface Both {
  rule: WindowRule
  slow: SlowRule
}

interface Field {
  text: string
  has: (value: number) => boolean
}

const all: Field = { text: '*', has: () => true }
const these = (values: number[]): Field => ({
  text: [...values].sort((a, b) => a - b).join(','),
  has: (value) => values.includes(value),
})
const every = (step: number, least = 0): Field => ({ text: `*/${step}`, has: (value) => (value - least) % step === 0 })
const range = (from: number, to: number): Field => ({
  text: `${from}-${to}`,
  has: (value) => from <= value && value <= to,
})
const some = (least: number, most: number, atMost: number): fc.Arbitrary<Field> =>
  fc.uniqueArray(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: atMost }).map(these)
const ranges = (least: number, most: number): fc.Arbitrary<Field> =>
  fc.tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most })).map(([a, b]) => {
    return range(Math.min(a, b), Math.max(a, b))
  })

const minutes = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 15, 30, 45, 59).map((value) => these([value])) },
  { weight: 2, arbitrary: some(0, 59, 3) },
  { weight: 1, arbitrary: fc.constantFrom(5, 15, 20).map((step) => every(step)) },
  { weight: 1, arbitrary: fc.constant(all) },
)
// Clocks change at night: that is where most starts are.
const hours = fc.oneof(
  { weight: 5, arbitrary: some(0, 4, 3) },
  { weight: 2, arbitrary: some(0, 23, 3) },
  { weight: 1, arbitrary: ranges(0, 23) },
  { weight: 1, arbitrary: fc.constant(every(6)) },
  { weight: 1, arbitrary: fc.constant(all) },
)
const monthDays = fc.oneof(
  { weight: 6, arbitrary: fc.constant(all) },
  { weight: 1, arbitrary: ranges(1, 31) },
  { weight: 1, arbitrary: some(1, 31, 5) },
)
const months = fc.oneof({ weight: 5, arbitrary: fc.constant(all) }, { weight: 1, arbitrary: ranges(1, 12) })
const weekdays = fc.oneof({ weight: 3, arbitrary: fc.constant(all) }, { weight: 2, arbitrary: some(0, 6, 4) })

const durations = fc.oneof(
  fc.constantFrom(10 * minute, hour, 3 * hour, 24 * hour, 26 * hour),
  fc.integer({ min: 1, max: 26 * 60 }).map((count) => count * minute),
)
const zone = fc.constantFrom(...zones)
const text = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10)
const dayNear = (first: number): fc.Arbitrary<number> => fc.integer({ min: first - 2, max: first + days + 1 })

interface Common {
  durationMs: number
  timeZone: string
  excepted: number[]
}

const common = (first: number): fc.Arbitrary<Common> =>
  fc.record({
    durationMs: durations,
    timeZone: zone,
    excepted: fc.oneof({ weight: 3, arbitrary: fc.constant<number[]>([]) }, fc.array(dayNear(first), { maxLength: 3 })),
  })

const both = (
  line: { cron: string } | { rrule: string; from: string },
  { durationMs, timeZone, excepted }: Common,
  starts: SlowRule['starts'],
): Both => ({
  rule: { ...line, durationMs, timeZone, ...(excepted.length > 0 ? { except: excepted.map(text) } : {}) },
  slow: { durationMs, timeZone, starts: (day, at) => !excepted.includes(day) && starts(day, at) },
})

/** 1 January 1970 was a Thursday. */
const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7

const cronRule = (first: number): fc.Arbitrary<Both> =>
  fc.tuple(minutes, hours, monthDays, months, weekdays, common(first)).map(([m, h, d, mo, w, rest]) =>
    both({ cron: [m, h, d, mo, w].map((field) => field.text).join(' ') }, rest, (day, at) => {
      const date = new Date(day * 86_400_000)
      const isDay = d.has(date.getUTCDate()) && mo.has(date.getUTCMonth() + 1) && w.has(weekdayOf(day))
      return isDay && m.has(at % 60) && h.has(Math.floor(at / 60))
    }),
  )

const names = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']
const byDays = fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 4 })
const byHours = fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 })

const rruleRule = (first: number): fc.Arbitrary<Both> =>
  fc
    .record({
      interval: fc.integer({ min: 1, max: 4 }),
      back: fc.integer({ min: -3, max: 900 }),
      at: fc.integer({ min: 0, max: 1439 }),
      weekly: fc.option(byDays, { nil: undefined }),
      hours: fc.option(byHours, { nil: undefined }),
      ends: fc.option(dayNear(first), { nil: undefined }),
      rest: common(first),
    })
    .map(({ interval, back, at, weekly, hours: at24, ends, rest }) => {
      const start = first - back
      const until = ends === undefined ? undefined : Math.max(ends, start)
      const [hourOf, minuteOf] = [Math.floor(at / 60), at % 60]
      const rrule = [
        `FREQ=${weekly ? 'WEEKLY' : 'DAILY'};INTERVAL=${interval}`,
        ...(weekly ? [`BYDAY=${weekly.map((day) => names[day]).join(',')}`] : []),
        ...(at24 ? [`BYHOUR=${at24.join(',')}`] : []),
        ...(until === undefined ? [] : [`UNTIL=${text(until).replaceAll('-', '')}`]),
      ].join(';')
      const from = `${text(start)}T${String(hourOf).padStart(2, '0')}:${String(minuteOf).padStart(2, '0')}`
      const monday = (day: number): number => day - ((weekdayOf(day) + 6) % 7)
      return both({ rrule, from }, rest, (day, time) => {
        if (day < start || (day === start && time < at) || (until !== undefined && day > until)) return false
        const isTime = time % 60 === minuteOf && (at24 ?? [hourOf]).includes(Math.floor(time / 60))
        if (weekly)
          return isTime && weekly.includes(weekdayOf(day)) && ((monday(day) - monday(start)) / 7) % interval === 0
        return isTime && (day - start) % interval === 0
      })
    })

const freeze = (first: number): fc.Arbitrary<Freeze> =>
  fc.tuple(dayNear(first), fc.integer({ min: 0, max: 3 }), zone).map(([from, more, timeZone]) => ({
    from: text(from),
    to: text(from + more),
    timeZone,
  }))

export interface Case {
  first: number
  rules: Both[]
  freezes: Freeze[]
  expectedMs: number
  /** minutes of the stretch at which the state is asked for */
  moments: number[]
}

/** Windows in a stretch of ten days that begins on this day (since 1970). */
export const caseFrom = (first: number): fc.Arbitrary<Case> =>
  fc.record({
    first: fc.constant(first),
    rules: fc.array(fc.oneof({ weight: 3, arbitrary: cronRule(first) }, { weight: 1, arbitrary: rruleRule(first) }), {
      minLength: 1,
      maxLength: 3,
    }),
    freezes: fc.oneof(
      { weight: 2, arbitrary: fc.constant<Freeze[]>([]) },
      { weight: 1, arbitrary: fc.array(freeze(first), { minLength: 1, maxLength: 2 }) },
    ),
    expectedMs: fc.constantFrom(0, 0, 20 * minute, 2 * hour),
    moments: fc.array(fc.integer({ min: 0, max: days * 1440 - 1 }), { minLength: 20, maxLength: 20 }),
  })
