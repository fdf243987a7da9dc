/** Instants and stretches of time in words. */

const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' })
const dayOfYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const clockSeconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** The zone that times on this page are told in. */
export const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone

const sameDay = (a: Date, b: Date): boolean => a.toDateString() === b.toDateString()

/** `20:01` of today, `Tue 1 Dec, 20:01` of another day, with the year where it is another one. */
export function when(at: string | number | Date, now = new Date()): string {
  const date = new Date(at)
  if (sameDay(date, now)) return clock.format(date)
  const far = Math.abs(date.getTime() - now.getTime()) > 180 * 86_400_000
  return `${(far ? dayOfYear : day).format(date)}, ${clock.format(date)}`
}

export const dayWords = (at: Date): string => day.format(at)
export const clockWords = (at: string | Date): string => clock.format(new Date(at))
export const secondsWords = (at: string | Date): string => clockSeconds.format(new Date(at))

/** `just now`, `3 min ago`, `in 2 h`; days from two on. */
export function ago(at: string | number | Date, now: number): string {
  const ms = now - new Date(at).getTime()
  const words = roughly(Math.abs(ms))
  if (words === '') return 'just now'
  return ms >= 0 ? `${words} ago` : `in ${words}`
}

/** `3 min`, `2 h`, `5 days`; nothing below half a minute. */
export function roughly(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (ms < 30_000) return ''
  if (minutes < 60) return `${Math.max(1, minutes)} min`
  const hours = Math.round(ms / 3_600_000)
  if (hours < 48) return `${hours} h`
  return `${Math.round(ms / 86_400_000)} days`
}
