import type { Figures } from '../../src/store/contracts'

/** A hub on which nothing has happened yet, with what is replaced. */
export const figuresOf = (changed: Partial<Figures> = {}): Figures => ({
  decisions: {},
  open: {},
  ended: {},
  held: 0,
  approvals: {},
  oldestApproval: null,
  scan: { lastAt: null, lastCompleteAt: null, lastSeconds: null },
  registries: [],
  outbox: [],
  quarantined: 0,
  freezes: { hub: 0, namespaces: 0 },
  schedulesPaused: [],
  data: [],
  dataHeld: 0,
  ...changed,
})

/**
 * The value of each line of Prometheus' text format, by the line's name and labels as they are written, but for those of
 * the hub, which come last.
 */
export function samplesOf(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.lastIndexOf(' ')
      return [hubLast(line.slice(0, end)), Number(line.slice(end + 1))]
    }),
  )
}

function hubLast(name: string): string {
  const hub = /(?<=[{,])hub="[^"]*",environment="[^"]*"/.exec(name)?.[0]
  if (hub === undefined || name.endsWith(`${hub}}`)) return name
  return name.replace(`${hub},`, '').replace(/}$/, `,${hub}}`)
}
