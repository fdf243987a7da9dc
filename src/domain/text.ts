/**
 * Makes a stranger's string safe to keep and to show: one line, no control or direction-changing characters, no lone
 * surrogates (they don't survive UTF-8), at most `max` characters.
 */
export function clean(value: string, max: number): string {
  // Cut first, so that a megabyte costs no more than a name.
  return value
    .slice(0, max * 4)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(/[\p{Surrogate}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim()
    .slice(0, max)
    .replace(/\p{Surrogate}$/u, '')
}

/** A list in words: `a`, `a and b`, `a, b and c`. */
export function wordList(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** A duration for people: `45 s`, `10 min`, `1 h 30 min`, `3 d`. Input is milliseconds. */
export function durationWords(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 120 && seconds % 60 !== 0) return `${seconds} s`
  const parts: string[] = []
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ]
  let left = seconds
  for (const [unit, size] of units) {
    const count = Math.floor(left / size)
    if (count > 0) parts.push(`${count} ${unit}`)
    left -= count * size
  }
  return parts.slice(0, 2).join(' ') || '0 s'
}

/** An instant without fractions: `2026-11-23T10:15:00Z`; a number is milliseconds since 1970. */
export const instant = (at: Date | number): string => `${new Date(at).toISOString().slice(0, 19)}Z`

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const durationText = /^(?:\d+(?:ms|s|m|h|d))+$/

/** `1h30m` in milliseconds; undefined when it isn't a duration. */
export function durationMs(text: string): number | undefined {
  if (!durationText.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|s|m|h|d)/g))
    total += Number(amount) * (unitMs[unit ?? ''] ?? 0)
  return total
}

/** How many letters must be changed, added or removed (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1)
      next.push(
        Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      )
    row = next
  }
  return row[b.length] ?? 0
}

/** At most three of these names that are a slip of the finger away, or hold what was written; also by their last segment. */
export function nearestTo(written: string, names: readonly string[]): string[] {
  const wanted = written.toLowerCase().slice(0, 200)
  const last = (name: string): string => name.slice(name.lastIndexOf('/') + 1)
  const most = Math.max(1, Math.floor(last(wanted).length / 3))
  return names
    .map((name) => ({
      name,
      distance: Math.min(
        editDistance(name.toLowerCase(), wanted),
        editDistance(last(name).toLowerCase(), last(wanted)),
      ),
    }))
    .filter(({ name, distance }) => distance <= most || name.includes(wanted))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name)
}
