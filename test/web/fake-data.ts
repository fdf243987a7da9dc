/** A hub with something of everything, for looking at the page: typed as the server answers, so that it can't drift. */
import type {
  CalendarPage,
  FreezeRow,
  HubStatus,
  QuarantineRow,
  RegistryHost,
  ServiceStatus,
  UpgradeRow,
} from '../../web/src/api/shapes'

/** Everything happens around this instant. */
export const now = Date.parse('2026-12-01T09:40:00Z')
export const before = (minutes: number): string => new Date(now - minutes * 60_000).toISOString()
export const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`

type Decision = NonNullable<ServiceStatus['decision']>

export const decided = (
  name: string,
  kind: Decision['kind'],
  current: string,
  reason: string,
  more: Partial<Decision> = {},
): ServiceStatus => {
  const [namespace = '', service = ''] = name.split('/')
  return {
    ...{ namespace, service, stale: false, upgrade: null, needsPerson: null },
    decision: {
      ...{ repository: `registry.example.org/hub/${service}`, kind, current, currentDigest: digestOf('a'), reason },
      ...{ policy: 'hub-core', mode: 'approve', at: before(3), ...more },
    },
    window: {
      state: 'open',
      nextOpen: null,
      nextOpenLocal: null,
      why: 'no window is set, so it may start at any time',
    },
  }
}

const candidate = (tag: string) => ({ candidate: { tag, digest: digestOf('b') } })

export const upgradeRow = (name: string, from: string, to: string, more: Partial<UpgradeRow>): UpgradeRow => {
  const [namespace = '', service = ''] = name.split('/')
  const planHash = more.planHash ?? '3f9ac81d02b7'
  return {
    ...{ id: `${planHash}-1`, planHash, namespace, service, fromTag: from, toTag: to, toDigest: digestOf('b') },
    ...{ phase: 'approval', outcome: null, waitingFor: '', message: '', startedAt: before(38), endedAt: null, ...more },
  }
}

/** Why edge/alerts was put back. */
export const crashed = 'Deployment alerts: the container app crashes again and again (exit code 1)'

export const upgrades = {
  ledger: upgradeRow('hub/ledger', 'v1.0.1', 'v1.1.0', {
    waitingFor: 'an approval of plan 3f9ac81d02b7',
    message: 'asked for an approval',
  }),
  quoting: upgradeRow('hub/quoting', 'v2.3.4', 'v2.3.5', {
    ...{ planHash: '88d2e4a6f310', phase: 'rollout', startedAt: before(4) },
    message: 'Deployment quoting: 2 of 3 new pods are ready',
  }),
  settlement: upgradeRow('hub/settlement', 'v4.0.0', 'v4.1.0', {
    ...{
      planHash: 'c0ffee123456',
      phase: 'bake',
      outcome: 'held',
      heldReason: 'health-unreadable',
      startedAt: before(95),
    },
    ...{
      endedAt: before(71),
      message: 'the health of the new pods can not be read: the API server did not answer for 2 min',
    },
  }),
  alerts: upgradeRow('edge/alerts', 'v0.9.2', 'v0.9.3', {
    ...{
      planHash: '5ad0b1c2d3e4',
      phase: 'rollback',
      outcome: 'rolled-back',
      startedAt: before(1_500),
      endedAt: before(1_494),
    },
    message: `${crashed}; everything is put back`,
  }),
  portal: upgradeRow('edge/portal', 'v3.1.0', 'v3.1.1', {
    ...{
      planHash: '9b8a7c6d5e4f',
      phase: 'bake',
      outcome: 'succeeded',
      startedAt: before(2_900),
      endedAt: before(2_880),
    },
    message: 'healthy through 10 min of bake',
  }),
  reports: upgradeRow('back/reports', 'v1.8.0', 'v2.0.0', {
    ...{
      planHash: '0d1e2f3a4b5c',
      phase: 'approval',
      outcome: 'rejected',
      startedAt: before(4_400),
      endedAt: before(4_200),
    },
    message: 'rejected by ana@example.org: the new reports are not signed off yet',
  }),
} as const

const waiting = (row: UpgradeRow, kind: Decision['kind'], needsPerson: string | null): ServiceStatus => ({
  ...decided(`${row.namespace}/${row.service}`, kind, row.fromTag, `${row.toTag} is newer`, candidate(row.toTag)),
  ...{ upgrade: row, needsPerson },
})

export const services: ServiceStatus[] = [
  decided('back/audit', 'up-to-date', 'v1.4.2', 'nothing newer'),
  decided('back/reports', 'held', 'v1.8.0', 'v2.0.0 was rejected: the new reports are not signed off yet'),
  decided(
    'back/statements',
    'held',
    'v5.2.0',
    'v5.2.1 is known since 20 h; its policy wants 24 h',
    candidate('v5.2.1'),
  ),
  decided('edge/alerts', 'held', 'v0.9.2', 'v0.9.3 is in quarantine: it crashed again and again', candidate('v0.9.3')),
  decided('edge/mailer', 'registry-error', 'v1.0.0', 'mirror.example.org did not answer within 10 s'),
  decided('edge/notifier', 'candidate', 'v3.0.4', 'v3.1.0 is newer', {
    ...candidate('v3.1.0'),
    mode: 'watch',
    policy: 'edge',
  }),
  decided('edge/portal', 'up-to-date', 'v3.1.1', 'nothing newer'),
  decided('hub/accounts', 'up-to-date', 'v17.2.3', 'nothing newer'),
  decided('hub/als', 'unsupported', 'v13.0.1', 'v13 is supported no more; the next supported line is 14.x'),
  decided('hub/fx-quotes', 'rebuilt', 'v1.2.0', 'v1.2.0 was pushed again with another digest'),
  waiting(upgrades.ledger, 'candidate', 'the upgrade to v1.1.0 waits for an approval'),
  waiting(upgrades.quoting, 'candidate', null),
  waiting(upgrades.settlement, 'held', `the upgrade to v4.1.0 is held: ${upgrades.settlement.message}`),
  decided('hub/transfers', 'up-to-date', 'v17.1.0', 'nothing newer'),
]

export const freezes: FreezeRow[] = []

export const hubStatus = (): HubStatus => ({
  hub: { name: 'green-hub', environment: 'production' },
  scan: {
    ...{ id: 's1', startedAt: before(3.2), endedAt: before(3), ageMs: 180_000, complete: false, stale: false },
    summary: '14 services, 1 could not be read',
  },
  ...{ services, freezes, pausedSchedules: [], configChanged: false },
  release: { product: 'Green Hub', release: '17.1', ahead: 1, behind: 2, unsupported: 1 },
  allUpToDate: false,
  next: { command: 'refit approve hub/ledger', why: 'hub/ledger waits for an approval of plan 3f9ac81d02b7.' },
})

export const quarantined: QuarantineRow[] = [
  {
    ...{ namespace: 'edge', service: 'alerts', digest: digestOf('c'), tag: 'v0.9.3', reason: crashed },
    ...{ upgradeId: upgrades.alerts.id, since: before(1_494), liftedAt: null, liftedBy: null },
  },
]

export const registries: RegistryHost[] = [
  { host: 'registry.example.org', repositories: 12, failing: [], doubted: [], lastReadAt: before(3) },
  {
    ...{ host: 'mirror.example.org', repositories: 2, doubted: [], lastReadAt: before(190) },
    failing: [
      {
        ...{ repository: 'mirror.example.org/hub/mailer', code: 'REGISTRY_UNAVAILABLE', at: before(3) },
        message: 'mirror.example.org did not answer within 10 s',
      },
    ],
  },
]

const day = (offset: number, hour: number): string =>
  new Date(Math.floor(now / 86_400_000) * 86_400_000 + offset * 86_400_000 + hour * 3_600_000).toISOString()

export const calendar: CalendarPage = {
  ...{ from: day(0, 0), to: day(14, 0), cut: [] },
  openings: [
    { policy: 'hub-core', namespaces: ['hub'], from: day(3, 23), to: day(4, 2), timeZone: 'Africa/Nairobi' },
    { policy: 'hub-core', namespaces: ['hub'], from: day(10, 23), to: day(11, 2), timeZone: 'Africa/Nairobi' },
    ...[0, 1, 2, 3, 6, 7, 10].map((each) => ({
      ...{ policy: 'back-office', namespaces: ['back'], from: day(each, 18), to: day(each, 22), timeZone: 'UTC' },
    })),
    { policy: 'edge', namespaces: ['edge'], from: day(-30, 0), to: null, timeZone: 'UTC' },
  ],
  freezes: [
    {
      ...{ source: 'policy', policy: 'back-office', namespace: null, from: day(8, 0), to: day(10, 0), by: null },
      reason: 'end-of-quarter books',
    },
  ],
}
