import { parseConfig, type Config } from '../../src/config'
import type { Decision } from '../../src/domain/decision'
import { makePlan, type Plan } from '../../src/domain/plan'
import type { RolloutObservation } from '../../src/domain/rollout'
import type { Service } from '../../src/domain/service'
import type { ScheduleInfo } from '../../src/operations/temporal-schedules'
import type { UpgradeRow } from '../../src/store/contracts'

export const now = new Date('2026-11-23T10:00:00Z')
export const minutesAgo = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000)
export const digest = (digit: string): string => `sha256:${digit.repeat(64)}`

export const config: Config = parseConfig({
  name: 'refit.yaml',
  env: {},
  text: `
hub: { name: green-hub, environment: test }
policies:
  - { name: core, select: { namespaces: [hub], images: ['*/hub/*'] }, mode: approve, approval: { unverified: accept }, rollout: { maxUnavailable: 1 } }
`,
})

export const ledger: Service = {
  namespace: 'hub',
  name: 'ledger',
  repository: '127.0.0.1:5000/hub/ledger',
  runningDigests: [digest('0')],
  nodes: [],
  pullSecrets: [],
  workloads: [
    {
      kind: 'Deployment',
      name: 'ledger',
      uid: 'u1',
      resourceVersion: '1',
      generation: 1,
      observedGeneration: 1,
      replicas: 3,
      strategy: { type: 'RollingUpdate', maxSurge: 1, maxUnavailable: 0 },
      paused: false,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      containers: [{ name: 'app', init: false, image: '127.0.0.1:5000/hub/ledger:v1.0.0' }],
      hasReadinessProbe: true,
      hasPreStop: true,
    },
  ],
}

export const plan: Plan = (() => {
  const policy = config.policies[0]
  const draft = makePlan({
    hub: config.hub,
    service: ledger,
    policy: policy as NonNullable<typeof policy>,
    candidate: { tag: 'v1.0.1', digest: digest('1') },
    migrationFiles: {},
  })
  if (draft.kind !== 'plan') throw new Error(draft.reason)
  return draft.plan
})()

export const planHash = 'abcdef123456'

export const upgradeRow = (changed: Partial<UpgradeRow> = {}): UpgradeRow => ({
  namespace: 'hub',
  service: 'ledger',
  id: `${planHash}-1`,
  planHash,
  fromTag: 'v1.0.0',
  toTag: 'v1.0.1',
  toDigest: digest('1'),
  phase: 'approval',
  outcome: null,
  waitingFor: `an approval of plan ${planHash}`,
  message: 'v1.0.0 → v1.0.1 waits for a person',
  startedAt: minutesAgo(30),
  endedAt: null,
  ...changed,
})

export const decision = (changed: Partial<Decision & { at: Date }> = {}): Decision & { at: Date } => ({
  namespace: 'hub',
  service: 'ledger',
  repository: '127.0.0.1:5000/hub/ledger',
  kind: 'up-to-date',
  current: 'v1.0.0',
  reason: 'v1.0.0 is the newest that bugfix allows',
  policy: 'core',
  mode: 'approve',
  tags: [],
  at: minutesAgo(1),
  ...changed,
})

export const lastScan = (changed: Partial<{ endedAt: Date; complete: boolean }> = {}) => ({
  id: 'refit/scan-1',
  startedAt: minutesAgo(1),
  endedAt: minutesAgo(1),
  complete: true,
  summary: '1 up-to-date',
  ...changed,
})

export const scheduleInfo = (changed: Partial<ScheduleInfo> = {}): ScheduleInfo => ({
  id: 'refit/scan',
  state: 'active',
  note: '',
  lastRuns: [{ workflowId: 'refit/scan-2026-11-23T09:59:00Z', dueAt: minutesAgo(1), startedAt: minutesAgo(1) }],
  nextRuns: [minutesAgo(-4)],
  missed: 0,
  catchupWindowMs: 300_000,
  ...changed,
})

export const observation = (image: string, changed: Partial<RolloutObservation> = {}): RolloutObservation => ({
  uid: 'u1',
  generation: 2,
  observedGeneration: 2,
  desired: 3,
  updated: 3,
  total: 3,
  available: 3,
  paused: false,
  conditions: [],
  containers: [{ name: 'app', init: false, image }],
  pods: [],
  ...changed,
})
