/** The whole story of each upgrade of the made-up hub. */
import type { ApprovalShown, Diagnosis, Sample, UpgradeEvent, UpgradePage, UpgradeRow } from '../../web/src/api/shapes'
import { before, crashed, upgrades } from './fake-data'

const event = (
  upgradeId: string,
  minutes: number,
  phase: UpgradeEvent['phase'],
  kind: string,
  message: string,
  by: string | null = null,
): UpgradeEvent => ({ upgradeId, at: before(minutes), phase, kind, by, verified: by !== null, message })

const planLines = (row: UpgradeRow): string[] => [
  `plan ${row.planHash} of hub green-hub (production)`,
  `${row.namespace}/${row.service}: ${row.fromTag} → ${row.toTag}`,
  `image registry.example.org/hub/${row.service}:${row.toTag}@${row.toDigest}`,
  'migration 1: knex migrations/ledger on LEDGER_DATABASE_URL: expand 20261110_transfer_quote_id.ts; backfill quote-ids.yaml',
  '  rehearsed on a copy of 1.2 GiB in 41 s: it adds a nullable column, holds no lock for longer than 30 ms',
  '  backfill of about 2,400,000 rows is expected to take 6 min, afterwards',
  `rollout 1: Deployment ${row.service}-api: app from registry.example.org/hub/${row.service}:${row.fromTag}`,
  `rollout 2: Deployment ${row.service}-consumer: app from registry.example.org/hub/${row.service}:${row.fromTag}`,
  'watch: failed when no further new pod gets ready for 2 min, or after 10 min; then 10 min of bake, asking every new pod GET :3001/health',
  'capacity: never below the desired count',
  'approval: one person, asked for at most 72 h',
  'start: in a window: 0 2 * * SAT for 3 h (Africa/Nairobi), never in a freeze: 2026-12-20 to 2027-01-04 (Africa/Nairobi)',
  'rollback: the images of the application containers are set back; the expanded schema stays',
]

const planOf = (row: UpgradeRow): UpgradePage['plan'] => ({
  ...{ hash: row.planHash, lines: planLines(row) },
  body: {
    version: 1,
    hub: { name: 'green-hub', environment: 'production' },
    service: { namespace: row.namespace, name: row.service, repository: `registry.example.org/hub/${row.service}` },
    migrations: [{ kind: 'knex' }],
    policy: { name: 'hub-core', mode: 'approve', health: [], emergency: 'tech-ops' },
  } as unknown as NonNullable<UpgradePage['plan']>['body'],
})

/** Three pods that are replaced one after the other, then what `tail` says. */
function samplesOf(row: UpgradeRow, from: number, tail: Partial<Sample>[]): Sample[] {
  const base = { workload: `Deployment ${row.service}`, desired: 3, restarts: 0, healthy: null }
  const [updated, ready, available] = [
    [0, 1, 1, 2, 2, 3, 3],
    [0, 0, 1, 1, 2, 2, 3],
    [3, 3, 4, 3, 4, 3, 3],
  ]
  const rolled = updated.map((each, index) => ({
    ...{ ...base, at: before(from - index * 0.4), updated: each, ready: ready[index] ?? 0 },
    available: available[index] ?? 0,
  }))
  return [
    ...rolled,
    ...tail.map((each, index) => ({
      ...{ ...base, at: before(from - 2.8 - index), updated: 3, ready: 3, available: 3, healthy: true, ...each },
    })),
  ]
}

const crash: Diagnosis = {
  ...{
    phase: 'rollout',
    kind: 'failed',
    rule: 'crash-loop',
    at: before(1_496),
    detected: { ms: 21_000, after: 'change' },
  },
  sentence: crashed,
  pods: [
    {
      ...{ workload: 'Deployment alerts', pod: 'alerts-6c9d7f5b8-x2x7q', container: 'app' },
      state: 'waits in CrashLoopBackOff, restarted 3 times, ended with exit code 1',
      log: [
        '{"level":30,"msg":"alerts v0.9.3 starts"}',
        '{"level":60,"msg":"config: SMTP_FROM is not set"}',
        'Error: SMTP_FROM is not set',
        '    at loadConfig (/app/dist/config.js:41:11)',
      ],
      events: ['BackOff: back-off restarting failed container app (3 times)'],
    },
  ],
  unread: [],
}

const asked: ApprovalShown = {
  ...{ required: 1, groups: ['tech-ops'], verifiedOnly: true, approvals: [], requestedBy: null, ticket: null },
  ...{ changeReference: { required: false, pattern: null }, emergency: 'tech-ops', makerChecker: false },
  ...{ expiresMs: 259_200_000, votes: [] },
}

const approvedBy = (by: string, minutes = 36) => ({
  approval: {
    ...{ ...asked, ticket: 'CHG-1042' },
    approvals: [
      { by, verified: true, via: 'oidc', groups: ['tech-ops'], reason: 'read with the vendor', at: before(minutes) },
    ],
  },
})

const story = (row: UpgradeRow, more: Partial<UpgradePage>): UpgradePage => ({
  ...{ upgrade: row, events: [], diagnoses: [], plan: planOf(row), samples: [], release: null, held: null },
  approval: asked,
  temporal: {
    workflowId: `refit/upgrade/${row.namespace}/${row.service}`,
    url: 'https://temporal.example.org/namespaces/green-hub/workflows/refit',
  },
  ...more,
})

const way = (row: UpgradeRow, from: number): UpgradeEvent[] => [
  event(row.id, from, 'plan', 'entered', `plan ${row.planHash} is made`),
  event(row.id, from - 0.1, 'approval', 'entered', 'asked for an approval'),
  event(row.id, from - 2, 'approval', 'approved', 'CHG-1042', 'ana@example.org'),
  event(row.id, from - 2.1, 'window', 'entered', 'open'),
  event(row.id, from - 2.2, 'preflight', 'entered', 'everything is as it was planned'),
  event(row.id, from - 2.4, 'expand', 'migrated', '20261110_transfer_quote_id.ts in 1.2 s'),
  event(row.id, from - 2.6, 'rollout', 'patched', `Deployment ${row.service}`),
]

export const stories: Record<string, UpgradePage> = Object.fromEntries(
  [
    story(upgrades.ledger, {
      events: way(upgrades.ledger, 38).slice(0, 2),
    }),
    story(upgrades.quoting, {
      events: way(upgrades.quoting, 4),
      samples: samplesOf(upgrades.quoting, 2.3, []).slice(0, 5),
      ...approvedBy('ana@example.org'),
      release: 'green-hub-17.2',
    }),
    story(upgrades.settlement, {
      events: [
        ...way(upgrades.settlement, 95),
        event(upgrades.settlement.id, 82, 'bake', 'entered', 'all workloads run v4.1.0; 10 min of bake'),
        event(upgrades.settlement.id, 71, 'bake', 'ended', upgrades.settlement.message),
      ],
      samples: samplesOf(upgrades.settlement, 86, [{}, {}, { healthy: null }]),
      held: {
        commands: [
          `refit history --upgrade ${upgrades.settlement.id} --logs`,
          'refit resume hub/settlement',
          'refit resume hub/settlement --rollback',
        ],
        page: 'docs/runbook.md#health-unreadable',
      },
      ...approvedBy('ben@example.org'),
    }),
    story(upgrades.alerts, {
      events: [
        ...way(upgrades.alerts, 1_500),
        event(upgrades.alerts.id, 1_496, 'rollout', 'failed', crash.sentence),
        event(upgrades.alerts.id, 1_495.9, 'rollback', 'entered', 'puts back what was done, in reverse order'),
        event(upgrades.alerts.id, 1_495.4, 'rollback', 'restored', 'Deployment alerts runs v0.9.2 again, 3 of 3 ready'),
        event(upgrades.alerts.id, 1_494, 'rollback', 'ended', 'everything is put back; the digest is in quarantine'),
      ],
      diagnoses: [crash],
      samples: samplesOf(upgrades.alerts, 1_498, [
        { ready: 3, updated: 1, restarts: 2, healthy: false },
        { updated: 0, ready: 0 },
      ]),
      ...approvedBy('ana@example.org'),
    }),
    story(upgrades.portal, {
      events: [
        ...way(upgrades.portal, 2_900),
        event(upgrades.portal.id, 2_890, 'bake', 'entered', 'all workloads run v3.1.1; 10 min of bake'),
        event(upgrades.portal.id, 2_880, 'bake', 'ended', upgrades.portal.message),
      ],
      samples: samplesOf(
        upgrades.portal,
        2_894,
        Array.from({ length: 10 }, () => ({})),
      ),
      ...approvedBy('ben@example.org'),
    }),
    story(upgrades.reports, { events: way(upgrades.reports, 4_400).slice(0, 2) }),
  ].map((each) => [each.upgrade.id, each]),
)
