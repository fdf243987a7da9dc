/** The kinds of values that refit.yaml knows: each a zod schema that says what is allowed. */
import semver from 'semver'
import { z } from 'zod'
import { durationMs } from '../domain/text'
import { cronProblem } from '../domain/window-rule'
import { validTimeZone } from '../domain/window-zone'

const yearMs = 366 * 86_400_000

/** A duration of at least `least` (as it is written), in milliseconds. */
export function duration(least: string) {
  const leastMs = durationMs(least) ?? 0
  const allowed = `must be a duration such as 500ms, 90s, 10m, 1h30m or 3d, from ${least} to 366d`
  return z
    .string({ error: allowed })
    .refine(
      (text) => {
        const ms = durationMs(text)
        return ms !== undefined && ms >= leastMs && ms <= yearMs
      },
      { error: allowed },
    )
    .transform((text) => durationMs(text) ?? 0)
}

/** A non-empty string on one line. */
export const text = (allowed = 'must be a non-empty text') =>
  z.string({ error: allowed }).refine((value) => value.trim() !== '' && !/[\r\n]/.test(value), { error: allowed })

/** A five-field cron line that comes up at least once. */
export const cronLine = text('must be a cron line of five fields, such as "0 2 * * SAT"').superRefine(
  (line, context) => {
    const problem = cronProblem(line)
    if (problem)
      context.addIssue({
        code: 'custom',
        message: `must be a cron line of five fields, such as "0 2 * * SAT": ${problem}`,
      })
  },
)

/** An IANA time zone name that this Node knows. */
export const timeZone = text('must be an IANA time zone, such as Africa/Nairobi').refine(validTimeZone, {
  error: 'must be an IANA time zone, such as Africa/Nairobi',
})

const dayAllowed = 'must be a day, written YYYY-MM-DD'

/** A day of the calendar. */
export const day = z.string({ error: dayAllowed }).refine(isDay, { error: dayAllowed })

function isDay(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false
  const date = new Date(`${value}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value)
}

const localTimeAllowed = 'must be a local date and time, written YYYY-MM-DDTHH:MM'

/** A date and a time of day, to be read in a time zone that stands beside it. */
export const localTime = z
  .string({ error: localTimeAllowed })
  .refine((value) => /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d$/.test(value) && isDay(value.slice(0, 10)), {
    error: localTimeAllowed,
  })

const rangeAllowed = 'must be a semver range, such as "^17" or ">=15.1 <16"'

/** A semver range. */
export const semverRange = text(rangeAllowed).refine((value) => semver.validRange(value) !== null, {
  error: rangeAllowed,
})

const xRangeAllowed = 'must be a range of hub releases, such as 17.x or "17.1.x"'

/** Hub releases by their leading numbers: `17.x`, `17.1.x`. */
export const xRange = text(xRangeAllowed).refine(
  (value) => /^\d+(\.\d+){0,2}(\.x){0,2}$/.test(value) && semver.validRange(value) !== null,
  {
    error: xRangeAllowed,
  },
)

const hostAllowed = 'must be the host of a registry with its port, such as registry.example.org or 127.0.0.1:5000'

/** A registry's host as it stands in image names: no scheme, no path. */
export const registryHost = text(hostAllowed).refine(
  (value) => /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?$/.test(value),
  {
    error: hostAllowed,
  },
)

const urlAllowed = 'must be an http or https URL'

/** An http(s) URL; the message never shows it, because it may carry a secret. */
export const url = z.string({ error: urlAllowed }).refine(isHttpUrl, { error: urlAllowed })

function isHttpUrl(value: string): boolean {
  try {
    return /^https?:$/.test(new URL(value).protocol)
  } catch {
    return false
  }
}

/** An integer within bounds. */
export function count(least: number, most: number) {
  const allowed = `must be a whole number from ${least} to ${most}`
  return z.int({ error: allowed }).min(least, { error: allowed }).max(most, { error: allowed })
}

/** One of these words. */
export const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words, { error: `must be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}` })

/** What an object that refuses unknown keys says of something else. */
export const objectAllowed = (issue: { code?: string }) =>
  issue.code === 'invalid_type' ? 'must be an object' : undefined

/** An object with these keys and no others. */
export const object = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape, { error: objectAllowed })
