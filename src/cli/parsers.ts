import { InvalidArgumentError } from 'commander'
import { parseAddress, type Address } from '../domain/address'
import { isDigest } from '../domain/image'
import { durationMs } from '../domain/text'

/** `90s`, `5m`, `1h30m`: milliseconds. */
export function duration(text: string): number {
  const ms = durationMs(text)
  if (ms === undefined || !Number.isSafeInteger(ms)) throw new InvalidArgumentError('Write it like 90s, 5m or 1h30m.')
  return ms
}

/** A whole number from 1 to 1,000. */
export function limit(text: string): number {
  const value = Number(text)
  if (!/^[0-9]+$/.test(text) || value < 1 || value > 1_000)
    throw new InvalidArgumentError('Write a number from 1 to 1000.')
  return value
}

/** A row of the record, by its number. */
export function auditPosition(text: string): number {
  if (!/^[1-9][0-9]{0,14}$/.test(text)) throw new InvalidArgumentError('Write the number that refit audit list shows.')
  return Number(text)
}

/** A row of the record that somebody kept elsewhere, such as `7:3f2a9c01b7de`. */
export function anchor(text: string): { position: number; hash: string } {
  const [, position, hash] = /^([1-9][0-9]{0,14}):([0-9a-f]{12,64})$/.exec(text) ?? []
  if (position !== undefined && hash !== undefined) return { position: Number(position), hash }
  throw new InvalidArgumentError('Write it as refit audit verify prints its head, such as 7:3f2a9c01b7de.')
}

/** The number of an alert in the outbox. */
export function alertId(text: string): string {
  if (!/^[1-9][0-9]{0,17}$/.test(text)) throw new InvalidArgumentError('Write the number that refit alerts list shows.')
  return text
}

/** At least the first 12 hex digits of a plan hash, in lower case. */
export function planHash(text: string): string {
  if (!/^[0-9a-f]{12,64}$/i.test(text))
    throw new InvalidArgumentError('Write the 12 hex digits that refit plan and refit status show.')
  return text.toLowerCase()
}

/** At least the first 12 hex digits of a doubted tag list's hash, in lower case. */
export function listHash(text: string): string {
  if (!/^[0-9a-f]{12,64}$/i.test(text))
    throw new InvalidArgumentError('Write the 12 hex digits that refit explain and refit status show.')
  return text.toLowerCase()
}

/** A manifest digest. */
export function digest(text: string): string {
  if (!isDigest(text)) throw new InvalidArgumentError('Write the whole digest: sha256: and 64 hex digits.')
  return text
}

/** As over HTTP; what is longer would be cut off before it is kept. */
const longestSentence = 1_000

/** A non-empty text of one line. */
export function sentence(text: string): string {
  const trimmed = text.trim()
  if (!trimmed) throw new InvalidArgumentError('It must not be empty.')
  if (trimmed.length > longestSentence) throw new InvalidArgumentError(`Write at most ${longestSentence} characters.`)
  return trimmed
}

/** `host:port`. */
export function address(text: string): Address {
  const parsed = parseAddress(text)
  if (!parsed) throw new InvalidArgumentError('Write host:port, such as 127.0.0.1:8080.')
  return parsed
}

/** An instant with its offset: `2026-12-01T08:00Z`, `2026-12-01T08:00:00+03:00`. */
export function instantOf(text: string): Date {
  const at = new Date(text)
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text) || Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('Write it with its offset, such as 2026-12-01T08:00Z or 2026-12-01T08:00+03:00.')
  // Date makes 1 December of 31 November.
  const day = Number(text.slice(8, 10))
  if (day > new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate())
    throw new InvalidArgumentError(`There is no ${text.slice(0, 10)}.`)
  return at
}

/** A major version of PostgreSQL; what follows a dot doesn't matter. */
export function majorVersion(text: string): number {
  const [, major] = /^([1-9][0-9]?)(\.[0-9]+)*$/.exec(text) ?? []
  if (major === undefined) throw new InvalidArgumentError('Write a version of PostgreSQL, such as 16.')
  return Number(major)
}

/** How a repair by hand counts. */
export const repairOutcome = (text: string): 'succeeded' | 'rolled-back' => {
  if (text === 'succeeded' || text === 'rolled-back') return text
  throw new InvalidArgumentError('It is succeeded or rolled-back.')
}

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** A shell that completion knows. */
export function shell(text: string): Shell {
  const found = shells.find((each) => each === text)
  if (found) return found
  throw new InvalidArgumentError(`It is ${shells.join(', ')}.`)
}
