const iso = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(Z|[+-]\d{2}(?::?\d{2})?)$/i

/**
 * An instant that a program wrote: ISO 8601 with its offset, or seconds (10 digits) or milliseconds (13) since 1970.
 * Undefined for anything else, also for a local time.
 */
export function parseInstant(text: string): Date | undefined {
  const written = text.trim().replace(/^"(.*)"$/, '$1')
  const seconds = /^(\d{10})(?:\.\d+)?$/.exec(written)?.[1]
  if (seconds) return new Date(Number(seconds) * 1_000)
  if (/^\d{13}$/.test(written)) return new Date(Number(written))
  const [, day, time, zone = ''] = iso.exec(written) ?? []
  if (day === undefined) return undefined
  const offset = /^z$/i.test(zone) ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`
  const at = new Date(`${day}T${time}${offset}`)
  return Number.isNaN(at.getTime()) ? undefined : at
}
