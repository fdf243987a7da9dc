/** The hub of the simulation: fifty services in five namespaces, each namespace with its own rules for when. */

export const dayMs = 86_400_000
export const servicesPerNamespace = 10

export interface Rules {
  namespace: string
  mode: 'approve' | 'automatic'
  /** how many people have to approve */
  required: number
  expiresHours: number
  /** weekly; `day` 0 is Sunday, `minute` of that day, in that zone */
  window?: { day: number; minute: number; hours: number; zone: string }
  /** whole days since the beginning, in that zone, both included */
  freeze?: { from: number; to: number; zone: string }
  minimumAgeHours?: number
}

export const hubRules: readonly Rules[] = [
  {
    ...{ namespace: 'core', mode: 'approve', required: 1, expiresHours: 144 },
    window: { day: 6, minute: 120, hours: 3, zone: 'Africa/Nairobi' },
  },
  {
    ...{ namespace: 'payments', mode: 'approve', required: 2, expiresHours: 96 },
    window: { day: 0, minute: 1320, hours: 4, zone: 'America/New_York' },
  },
  {
    ...{ namespace: 'edge', mode: 'automatic', required: 0, expiresHours: 72 },
    window: { day: 2, minute: 90, hours: 2, zone: 'Asia/Kolkata' },
    freeze: { from: 7, to: 9, zone: 'Asia/Kolkata' },
  },
  {
    ...{ namespace: 'tools', mode: 'automatic', required: 0, expiresHours: 72, minimumAgeHours: 24 },
    window: { day: 4, minute: 1380, hours: 3, zone: 'Europe/London' },
  },
  {
    ...{ namespace: 'reports', mode: 'approve', required: 1, expiresHours: 24 },
    freeze: { from: 14, to: 15, zone: 'Pacific/Auckland' },
  },
]

const names = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

export interface Numbered {
  namespace: string
  name: string
  repository: string
}

export const serviceNo = (index: number): Numbered => ({
  namespace: hubRules[Math.floor(index / servicesPerNamespace) % hubRules.length]?.namespace ?? '',
  name: `service-${index}`,
  repository: `hub/service-${index}`,
})

export const rulesOf = (namespace: string): Rules => hubRules.find((each) => each.namespace === namespace) as Rules

/** refit.yaml; `start` is midnight UTC of the first day. */
export function configText({ start, receivers }: { start: number; receivers: readonly string[] }): string {
  const policies = hubRules.map((each) => {
    const { namespace, mode, required, expiresHours, window, freeze, minimumAgeHours } = each
    const cron = window && `${window.minute % 60} ${Math.floor(window.minute / 60)} * * ${names[window.day]}`
    return [
      `  - name: ${namespace}`,
      `    select: { namespaces: [${namespace}], images: ['*/hub/*'] }`,
      `    mode: ${mode}`,
      ...(mode === 'approve' ? [`    approval: { required: ${required}, expires: ${expiresHours}h }`] : []),
      ...(minimumAgeHours === undefined ? [] : [`    minimumAge: ${minimumAgeHours}h`]),
      ...(window ? [`    windows: [{ cron: '${cron}', duration: ${window.hours}h, timeZone: ${window.zone} }]`] : []),
      ...(freeze
        ? [
            `    freezes: [{ from: ${date(start + freeze.from * dayMs)}, to: ${date(start + freeze.to * dayMs)}, timeZone: ${freeze.zone} }]`,
          ]
        : []),
      `    rollout: { bake: 0s, stall: 10s, deadline: 1m, graces: { crashLoop: 0s, imagePull: 0s } }`,
    ].join('\n')
  })
  const alerts = receivers.map(
    (url, index) =>
      `  - { webhook: '${url}', signedWith: '\${ALERT_KEY}', on: [${index === 0 ? 'info, ' : ''}action, page], allowPrivate: true }`,
  )
  return `hub: { name: simulated, environment: test }
scan: { every: 6h }
registries: [{ host: "\${REGISTRY}", insecure: true }]
policies:
${policies.join('\n')}
alerts:
${alerts.join('\n')}
`
}

const date = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/**
 * Whether an upgrade of the namespace may start at this instant, by the rules above and the zone's own clock. Shares
 * nothing with Refit's window code.
 */
export function mayStart({ window, freeze }: Rules, at: number, start: number): boolean {
  if (freeze) {
    const today = local(at, freeze.zone).date
    if (today >= date(start + freeze.from * dayMs) && today <= date(start + freeze.to * dayMs)) return false
  }
  if (!window) return true
  const { day, minute } = local(at, window.zone)
  const sinceOpening = (day * 1440 + minute - (window.day * 1440 + window.minute) + 10_080) % 10_080
  return sinceOpening < window.hours * 60
}

function local(at: number, zone: string): { day: number; minute: number; date: string } {
  const parts = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone: zone, hourCycle: 'h23', weekday: 'short', hour: '2-digit', minute: '2-digit' },
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
  }).formatToParts(at)
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? ''
  return {
    day: names.indexOf(of('weekday').toUpperCase()),
    minute: Number(of('hour')) * 60 + Number(of('minute')),
    date: `${of('year')}-${of('month')}-${of('day')}`,
  }
}
