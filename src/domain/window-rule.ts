/** What is wrong with the texts of windows; `config/` says it with the place. */
import { firstStart, readCron, readRule } from './window-starts'

/** The calendar repeats after 28 years, but for the century's end. */
const calendarYears = 28

/** Why a text is no cron line of five fields that ever fires; undefined when it is one. `0 0 31 2 *` never does. */
export function cronProblem(cron: string): string | undefined {
  if (cron.trim().startsWith('@')) return 'nicknames are not allowed'
  try {
    readCron(cron)
    return neverStarts({ cron })
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error)
  }
}

/** Whether both day fields of a cron line are restricted: Refit wants both to fit, where other tools take either. */
export function restrictsBothDays(cron: string): boolean {
  const [, , day = '*', , weekday = '*'] = cron.trim().split(/\s+/)
  return [day, weekday].every((field) => field !== '*' && field !== '?')
}

/**
 * Why a recurrence rule, with its first start, is none that ever fires. Parts are checked here: the library passes over
 * names that it doesn't know.
 */
export function rruleProblem(rrule: string, from: string): string | undefined {
  const parts = rrule.trim().toUpperCase().split(';')
  const problem = parts.map(partProblem).find((each) => each !== undefined) ?? untilProblem(parts, from)
  if (problem !== undefined) return problem
  const names = parts.map((part) => part.split('=')[0])
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) return `${twice} stands in it twice`
  try {
    readRule({ rrule, from })
    return neverStarts({ rrule, from })
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const list = (item: string): RegExp => new RegExp(`^${item}(,${item})*$`)
const hour = '([01]?\\d|2[0-3])'
const weekday = '(MO|TU|WE|TH|FR|SA|SU)'
const dayOfMonth = '[+-]?([1-9]|[12]\\d|3[01])'
const shapes: Record<string, RegExp> = {
  FREQ: /^(YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY)$/,
  INTERVAL: /^[1-9]\d{0,3}$/,
  COUNT: /^[1-9]\d{0,4}$/,
  UNTIL: /^\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3])[0-5]\d[0-5]\dZ?)?$/,
  BYMONTH: list('([1-9]|1[0-2])'),
  BYMONTHDAY: list(dayOfMonth),
  BYYEARDAY: list('[+-]?([1-9]|[1-9]\\d|[12]\\d\\d|3[0-5]\\d|36[0-6])'),
  BYWEEKNO: list('[+-]?([1-9]|[1-4]\\d|5[0-3])'),
  BYDAY: list(`([+-]?([1-9]|[1-4]\\d|5[0-3]))?${weekday}`),
  BYHOUR: list(hour),
  BYMINUTE: list('[0-5]?\\d'),
  BYSETPOS: list('[+-]?([1-9]|[1-9]\\d|[12]\\d\\d|3[0-5]\\d|36[0-6])'),
  WKST: new RegExp(`^${weekday}$`),
}

function partProblem(part: string): string | undefined {
  const [name = '', value] = part.split('=')
  const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined
  if (!shape || value === undefined)
    return `${JSON.stringify(part)} is none of ${Object.keys(shapes).join(', ')} with a value`
  if (name === 'FREQ' && /^(MINUTELY|SECONDLY)$/.test(value)) return `FREQ=${value} starts more often than hourly`
  return shape.test(value) ? undefined : `${name} can't be ${JSON.stringify(value)}`
}

function untilProblem(parts: readonly string[], from: string): string | undefined {
  const until = parts.find((part) => part.startsWith('UNTIL='))?.slice('UNTIL='.length)
  if (until === undefined) return undefined
  const first = from.replace(/[-:]/g, '')
  return until.slice(0, first.length) < first.slice(0, until.length)
    ? `it ends (${until}) before it starts (${from})`
    : undefined
}

function neverStarts(line: { cron: string } | { rrule: string; from: string }): string | undefined {
  const since = 'from' in line ? Math.floor(Date.parse(`${line.from}Z`) / 86_400_000) : 0
  const first = firstStart({ ...line, durationMs: 1, timeZone: 'UTC' }, calendarYears, since)
  return first === undefined ? 'it never comes up' : undefined
}
