/** A slow and obviously right search: it looks at the clock on the wall of every minute. */
import type { Freeze } from '../../src/domain/policy'
import { hour, minute } from './window-said'

/** A rule by what it says of a local day (since 1970) and minute of the day. */
export interface SlowRule {
  starts: (day: number, minuteOfDay: number) => boolean
  durationMs: number
  timeZone: string
}

const formats = new Map<string, Intl.DateTimeFormat>()
const walls = new Map<string, Int32Array>()

/** What a clock in the zone shows at each minute of a UTC day, as minutes since 1970. */
function wallsOf(timeZone: string, utcDay: number): Int32Array {
  const key = `${timeZone} ${utcDay}`
  const known = walls.get(key)
  if (known) return known
  const options = { timeZone, hourCycle: 'h23', dateStyle: 'short', timeStyle: 'short' } as const
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('sv', options)
  formats.set(timeZone, format)
  const found = new Int32Array(1440)
  // Clocks change on the quarter hour only: between those the minutes go by one by one.
  for (let quarter = 0; quarter < 1440; quarter += 15) {
    const [date = '', time = ''] = format.format((utcDay * 1440 + quarter) * minute).split(' ')
    const shown = Date.parse(`${date}T${time}Z`) / minute
    for (let i = 0; i < 15; i += 1) found[quarter + i] = shown + i
  }
  walls.set(key, found)
  return found
}

const wallAt = (timeZone: string, at: number): number =>
  wallsOf(timeZone, Math.floor(at / 1440))[((at % 1440) + 1440) % 1440] as number

const localDay = (day: string): number => Date.parse(`${day}T00:00Z`) / 86_400_000

/** Which minutes from `from` on (minutes since 1970) are open: 1 or 0 each. */
export function openMinutes(
  rules: readonly SlowRule[],
  freezes: readonly Freeze[],
  from: number,
  count: number,
): Uint8Array {
  const open = new Uint8Array(count)
  for (const rule of rules) openBy(rule, from, count, open)
  for (const freeze of freezes) {
    const [first, behind] = [localDay(freeze.from), localDay(freeze.to) + 1]
    for (let i = 0; i < count; i += 1) {
      const today = Math.floor(wallAt(freeze.timeZone, from + i) / 1440)
      if (first <= today && today < behind) open[i] = 0
    }
  }
  return open
}

function openBy({ starts, durationMs, timeZone }: SlowRule, from: number, count: number, open: Uint8Array): void {
  const lasts = durationMs / minute
  // Far enough back for windows that are under way, and for the first showing of a time that comes twice.
  const first = from - lasts - (26 * hour) / minute
  let latest = wallAt(timeZone, first - 1)
  for (let at = first; at < from + count; at += 1) {
    const wall = wallAt(timeZone, at)
    // Also the times that the clock skips to get here; none while it shows times again.
    let isStart = false
    for (let shown = latest + 1; shown <= wall; shown += 1)
      isStart ||= starts(Math.floor(shown / 1440), shown - Math.floor(shown / 1440) * 1440)
    latest = Math.max(latest, wall)
    if (isStart) open.fill(1, Math.max(0, at - from), Math.max(0, at - from + lasts))
  }
}

export interface Run {
  /** minutes from the beginning of the search */
  from: number
  to: number
}

/** Minutes that are open one after the other. */
export function runsOf(open: Uint8Array): Run[] {
  const runs: Run[] = []
  open.forEach((each, index) => {
    const last = runs.at(-1)
    if (each === 1 && last?.to === index) last.to = index + 1
    else if (each === 1) runs.push({ from: index, to: index + 1 })
  })
  return runs
}
