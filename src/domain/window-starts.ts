import { Cron } from 'croner'
import { RRuleTemporal } from 'rrule-temporal'
import { Temporal } from 'temporal-polyfill'
import type { WindowRule } from './policy'
import { dayMs, dayNumber, dayText, minuteMs } from './window-zone'

/** The local days on which a rule starts, since 1970, and at which minutes of each. */
export interface DayOfStarts {
  day: number
  minutes: readonly number[]
}

/**
 * When a rule starts in the local days `first` to `last`, both included: by the calendar and the clock on the wall alone,
 * so neither library sees a time zone or a clock change.
 */
export function startsOf(rule: WindowRule, first: number, last: number): DayOfStarts[] {
  const except = new Set(rule.except?.map(dayNumber))
  const starts: DayOfStarts[] = []
  for (let block = Math.floor(first / blockDays); block * blockDays <= last; block += 1)
    for (const each of startsInBlock(rule, block))
      if (first <= each.day && each.day <= last && !except.has(each.day)) starts.push(each)
  return starts
}

/** The same few rules are asked about the same years again and again, and what they say of them never changes. */
const blockDays = 366
const blocks = new Map<string, DayOfStarts[]>()

function startsInBlock(rule: WindowRule, block: number): DayOfStarts[] {
  const line = 'cron' in rule ? rule.cron : `${rule.from} ${rule.rrule}`
  const [first, last] = [block * blockDays, (block + 1) * blockDays - 1]
  return remembered(blocks, `${block} ${line}`, () =>
    'cron' in rule ? cronStarts(rule.cron, first, last) : ruleStarts(rule, first, last),
  )
}

/** The minutes of a line are the same on each of its days. */
interface CronLine {
  minutes: number[]
  days: Cron
}

function cronStarts(cron: string, first: number, last: number): DayOfStarts[] {
  const { minutes, days } = remembered(lines, cron, readCron)
  const starts: DayOfStarts[] = []
  let at = days.nextRun(new Date(first * dayMs - 1))
  for (; at && at.getTime() <= last * dayMs; at = days.nextRun(at)) starts.push({ day: at.getTime() / dayMs, minutes })
  return starts
}

/** Reads a cron line. Where both day fields are restricted, both must fit (docs/windows.md). Throws what croner throws. */
export function readCron(cron: string): CronLine {
  const [minute = '', hour = '', ...days] = cron.trim().split(/\s+/)
  const options = { timezone: 'UTC', paused: true, mode: '5-part', domAndDow: true } as const
  // Read as a whole first: errors are those of the line as it was written.
  new Cron(cron.trim(), options)
  const oneDay = new Cron(`${minute} ${hour} * * *`, options)
  const minutes: number[] = []
  let at = oneDay.nextRun(new Date(-1))
  for (; at && at.getTime() < dayMs; at = oneDay.nextRun(at)) minutes.push(at.getTime() / minuteMs)
  return { minutes, days: new Cron(`0 0 ${days.join(' ')}`, options) }
}

type Recurrence = Extract<WindowRule, { rrule: string }>

function ruleStarts({ rrule, from }: Pick<Recurrence, 'rrule' | 'from'>, first: number, last: number): DayOfStarts[] {
  const rule = remembered(rules, `${from} ${rrule}`, () => readRule({ rrule, from }))
  const days = new Map<number, number[]>()
  const found = rule.between(new Date(first * dayMs), new Date((last + 1) * dayMs - 1), true)
  for (const { epochMilliseconds: local } of found) {
    const day = Math.floor(local / dayMs)
    days.set(day, [...(days.get(day) ?? []), Math.floor((local - day * dayMs) / minuteMs)])
  }
  return [...days].map(([day, minutes]) => ({ day, minutes }))
}

/**
 * Reads a recurrence rule. UNTIL is local, as `from` is: the last day or local time of a start, also where it ends in Z as
 * calendars write it. Throws what rrule-temporal throws.
 */
export function readRule({ rrule, from }: Pick<Recurrence, 'rrule' | 'from'>): RRuleTemporal<Temporal.ZonedDateTime> {
  const local = rrule
    .trim()
    .toUpperCase()
    .replace(/(^|;)UNTIL=(\d{8})(?:T(\d{6}))?Z?(?=;|$)/, (_, before: string, day: string, time?: string) => {
      return `${before}UNTIL=${day}T${time ?? '235959'}Z`
    })
  const dtstart = Temporal.PlainDateTime.from(from).toZonedDateTime('UTC')
  return new RRuleTemporal({ rruleString: `RRULE:${local}`, dtstart, temporal: Temporal, strict: true })
}

/** Reading a line costs more than asking it. */
const lines = new Map<string, CronLine>()
const rules = new Map<string, RRuleTemporal<Temporal.ZonedDateTime>>()
const mostRemembered = 500

function remembered<T>(all: Map<string, T>, text: string, read: (text: string) => T): T {
  const found = all.get(text) ?? read(text)
  if (all.size >= mostRemembered) all.clear()
  all.set(text, found)
  return found
}

/** The first day in these years on which a rule starts; undefined when it never does. */
export function firstStart(rule: WindowRule, years: number, from = 0): string | undefined {
  for (let day = from; day < from + years * 366; day += 366) {
    const [first] = startsOf(rule, day, day + 365)
    if (first) return dayText(first.day)
  }
  return undefined
}
