/** What the fake hub answers beside its services and upgrades. */
import type {
  AlertsShown,
  Explanation,
  ReleaseMember,
  ReleasePage,
  ScheduleShown,
  ServicePage,
} from '../../web/src/api/shapes'
import { before, digestOf, hubStatus, now, quarantined, services, upgrades } from './fake-data'
import { stories } from './fake-stories'

const member = (name: string, wave: number, more: Partial<ReleaseMember>): ReleaseMember => {
  const [namespace = '', service = ''] = name.split('/')
  return {
    ...{ namespace, service, position: wave, wave, after: [], planHash: '88d2e4a6f310', digest: digestOf('d') },
    ...{ from: 'v2.3.4', to: 'v2.3.5', upgradeId: null, ready: false, verdict: null, because: '', phase: null },
    ...{ outcome: null, message: '', ...more },
  }
}

export const release: ReleasePage = {
  release: {
    ...{ id: 'r17-1', name: 'green-hub-17.2', definition: 'def', hash: '77aa66bb55cc', rules: null, phase: 'rollout' },
    ...{
      outcome: null,
      waitingFor: '',
      message: 'wave 2 of 3: hub/quoting is rolled out',
      requestedBy: 'ben@example.org',
    },
    ...{ requestedVerified: true, approvedBy: 'ana@example.org', approvedAt: before(20) },
    ...{ startedAt: before(30), endedAt: null },
  },
  waves: [
    [
      member('hub/accounts', 0, { from: 'v17.2.2', to: 'v17.2.3', ready: true, message: 'healthy through its bake' }),
      member('hub/transfers', 0, { from: 'v17.0.4', to: 'v17.1.0', ready: true, message: 'healthy through its bake' }),
    ],
    [
      member('hub/quoting', 1, {
        ...{ phase: 'rollout', upgradeId: upgrades.quoting.id, after: ['hub/transfers'] },
        message: upgrades.quoting.message,
      }),
    ],
    [
      member('edge/notifier', 2, { from: 'v3.0.4', to: 'v3.1.0' }),
      member('back/statements', 2, { from: 'v5.2.0', to: 'v5.2.1' }),
    ],
  ],
  events: [
    {
      ...{ releaseId: 'r17-1', at: before(30), phase: 'plan', kind: 'planned', by: null, verified: false },
      message: '5 services in 3 waves',
    },
    {
      ...{ releaseId: 'r17-1', at: before(20), phase: 'approval', kind: 'approved', by: 'ana@example.org' },
      ...{ verified: true, message: 'as agreed in CHG-1042' },
    },
  ],
  temporal: { workflowId: 'refit/release/green-hub-17.2', url: null },
}

const plain = { lastRuns: [], missed: 0, catchupWindowMs: 60_000 }

export const schedules: ScheduleShown[] = [
  { ...plain, id: 'refit/scan', state: 'active', note: '', nextRuns: [new Date(now + 120_000).toISOString()] },
  {
    ...{ ...plain, id: 'refit/digest', state: 'paused', nextRuns: [] },
    note: 'paused by ben@example.org at 2026-12-01T08:00:00Z: the shift reads the page instead',
  },
]

export const alertTargets: AlertsShown['targets'] = [
  { target: 'slack', waiting: 0, dead: 0, oldest: null, lastError: '', told: false },
  {
    ...{ target: 'webhook pager.example.org', waiting: 2, dead: 0, oldest: before(14), told: true },
    lastError: 'it answered 503',
  },
]

export const settings = {
  hub: { name: 'green-hub', environment: 'production' },
  scan: { everyMs: 300_000 },
  registries: [{ host: 'registry.example.org', auth: { username: 'refit', password: '${REGISTRY_PASSWORD}' } }],
  policies: [
    {
      ...{ name: 'hub-core', select: { namespaces: ['hub'], images: ['*/hub/*'] }, mode: 'approve', strategy: 'minor' },
      ...{ minimumAgeMs: 86_400_000, approval: { required: 1, groups: ['tech-ops'], expiresMs: 259_200_000 } },
      windows: [{ cron: '0 2 * * SAT', durationMs: 10_800_000, timeZone: 'Africa/Nairobi' }],
    },
    { name: 'edge', select: { namespaces: ['edge'], images: ['*'] }, mode: 'watch', strategy: 'minor', windows: [] },
  ],
  alerts: [{ slack: '${SLACK_WEBHOOK_URL}', on: ['action', 'page'] }],
}

const verdicts: [string, Explanation['tags'][number]['verdict'], string][] = [
  ['v1.1.0', 'chosen', 'the newest that strategy minor allows'],
  ['v1.0.2-snapshot.3', 'pre-release', 'a pre-release, and the policy follows no channel'],
  ['v1.0.1', 'running', 'runs now'],
  ['v1.0.0', 'older', 'older than what runs'],
  ['latest', 'floating', 'a floating tag is no version'],
]

export const explanation = (): Pick<Explanation, 'tags'> => ({
  tags: verdicts.map(([tag, verdict, reason]) => ({ tag, verdict, reason })),
})

export function serviceOf(namespace: string, name: string): ServicePage | undefined {
  const row = services.find((each) => each.namespace === namespace && each.service === name)
  if (!row) return undefined
  const { services: all, allUpToDate, ...head } = hubStatus()
  void [all, allUpToDate]
  const latest = Object.values(upgrades).find((each) => each.namespace === namespace && each.service === name) ?? null
  return {
    ...head,
    service: { ...row, tags: [] },
    ...{ latest, data: null, diagnosis: null, plan: null },
    events: latest ? (stories[latest.id]?.events ?? []) : [],
    quarantined: quarantined.filter((each) => each.namespace === namespace && each.service === name),
  }
}
