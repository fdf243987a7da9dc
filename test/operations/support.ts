/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import type { Kubernetes, Registry } from '../../src/clients/contracts'
import { parseConfig, type Config } from '../../src/config'
import type { Decision } from '../../src/domain/decision'
import { makePlan, type Plan } from '../../src/domain/plan'
import type { RolloutObservation } from '../../src/domain/rollout'
import type { Service } from '../../src/domain/service'
import type { Answer, HubTemporal } from '../../src/operations/temporal'
import type { ScheduleInfo } from '../../src/operations/temporal-schedules'
import type {
  Addressed,
  FreezeRow,
  PastFreeze,
  PausedSchedule,
  QuarantineRow,
  SecurityMark,
  Store,
  TokenRow,
  UpgradeEvent,
  UpgradeRow,
  VoteRow,
  AlertRow,
  TargetRow,
} from '../../src/store/contracts'

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

/** The list of every repository whose list is suspicious. */
export const doubtedList = { hash: '3f2a9c01b7de'.padEnd(64, '0'), count: 1, missing: ['v1.0.0'] }

export interface StoreContents {
  decisions?: (Decision & { at: Date })[]
  upgrades?: UpgradeRow[]
  events?: UpgradeEvent[]
  quarantine?: QuarantineRow[]
  scan?: ReturnType<typeof lastScan>
  plans?: Record<string, Plan>
  logs?: { step: string; log: string; at: Date }[]
  pending?: number
  /** repositories whose list is suspicious */
  doubted?: string[]
  marks?: SecurityMark[]
  /** of the outbox */
  targets?: TargetRow[]
  alerts?: AlertRow[]
  /** by the hash of their secrets */
  tokens?: Record<string, TokenRow>
  freezes?: PastFreeze[]
  /** of earlier upgrades, in ms */
  durations?: number[]
  paused?: PausedSchedule[]
  worker?: { configHash: string; at: Date }
  undelivered?: number
}

/** A store that holds this; what is written is kept in `resolved`, `lifted` and `votes`. */
export function fakeStore(contents: StoreContents = {}) {
  const {
    decisions = [],
    upgrades = [],
    events = [],
    quarantine = [],
    scan,
    plans = {},
    logs = [],
    pending = 0,
    doubted = [],
    marks = [],
    targets = [],
    alerts = [],
    tokens = {},
    paused = [],
    worker,
    undelivered = 0,
    durations = [],
  } = contents
  let { freezes = [] } = contents
  const told: Addressed[] = []
  const resolved: string[][] = []
  const accepted: string[] = []
  const lifted: string[] = []
  const resent: string[] = []
  const votes: VoteRow[] = []
  const noted: object[] = []
  const same = (
    a: { namespace: string; service: string },
    b: Partial<{ namespace: string; service: string }>,
  ): boolean => (b.namespace ?? a.namespace) === a.namespace && (b.service ?? a.service) === a.service
  const reads = {
    plans: { read: async (hash: string) => plans[hash] ?? Promise.reject(new Error(`no plan ${hash}`)) },
    upgrades: {
      read: async (id: string) => upgrades.find((each) => each.id === id),
      latest: async (key: { namespace: string; service: string }) => upgrades.find((each) => same(each, key)),
      listOpen: async () => upgrades.filter(({ outcome }) => outcome === null),
      listHeld: async () => upgrades.filter(({ outcome }) => outcome === 'held'),
      list: async ({ limit, ...key }: { limit: number }) => upgrades.filter((each) => same(each, key)).slice(0, limit),
      events: async (id: string) => events.filter(({ upgradeId }) => upgradeId === id),
      rejectedDigest: async () => undefined,
      listRejected: async () => [],
      durations: async () => durations,
      succeededWith: async () => [],
      resolve: async (id: string, by: string, reason: string, tell?: Addressed) => {
        resolved.push([id, by, reason])
        if (tell) told.push(tell)
      },
    },
    decisions: {
      list: async () => decisions,
      read: async (key: { namespace: string; service: string }) => decisions.find((each) => same(each, key)),
    },
    scans: { last: async () => scan, now: async () => now },
    repositories: {
      read: async (names: string[]) =>
        new Map(
          names
            .filter((name) => doubted.includes(name))
            .map((name) => [name, { repository: name, tagCount: 4, doubted: doubtedList }]),
        ),
      tags: async () => undefined,
      accept: async ({ repository, list = '' }: { repository: string; list?: string }) => {
        accepted.push(repository)
        if (!doubted.includes(repository)) return { kind: 'none' }
        const kind = doubtedList.hash.startsWith(list) ? 'accepted' : 'another'
        return { kind, list: doubtedList, lastCount: 4 }
      },
    },
    seen: { read: async () => ({}) },
    images: { read: async () => undefined },
    marks: {
      list: async () => marks,
      mark: async (mark: { version: string }) => !marks.some(({ version }) => version === mark.version),
      lift: async (_key: unknown, version: string) => marks.some((each) => each.version === version),
    },
    quarantine: {
      list: async () => quarantine,
      lift: async (_key: unknown, liftedDigest: string) => {
        lifted.push(liftedDigest)
        return quarantine.some((each) => each.digest === liftedDigest)
      },
    },
    outbox: {
      targets: async () => targets,
      list: async ({ state, limit }: { state?: string; limit: number }) =>
        alerts.filter((each) => state === undefined || each.state === state).slice(0, limit),
      read: async (id: string) => alerts.find((each) => each.id === id),
      resend: async (which: { id: string } | 'dead') => {
        const meant = alerts.filter((each) => (which === 'dead' ? each.state === 'dead' : each.id === which.id))
        resent.push(...meant.map(({ id }) => id))
        return meant.length
      },
    },
    tokens: {
      create: async ({ hash, ...token }: TokenRow & { hash: string }) =>
        void (tokens[hash] = { ...token, createdAt: now, lastUsedAt: null, revokedAt: null }),
      find: async (hash: string) => {
        const token = tokens[hash]
        return token && !token.revokedAt && (!token.expiresAt || token.expiresAt > now) ? token : undefined
      },
      list: async () => Object.values(tokens),
      revoke: async (id: string) => {
        const token = Object.values(tokens).find((each) => each.id === id && !each.revokedAt)
        if (token) token.revokedAt = now
        return token !== undefined
      },
    },
    votes: {
      cast: async (vote: VoteRow) => {
        if (!votes.some(({ id }) => id === vote.id)) votes.push({ ...vote, at: now })
      },
      read: async (id: string) => votes.find((each) => each.id === id),
      last: async (upgradeId: string, by: string) =>
        votes.findLast((each) => each.upgradeId === upgradeId && each.by === by),
    },
    freezes: {
      add: async (freeze: Pick<PastFreeze, 'namespace' | 'reason' | 'by'>, tell?: (row: FreezeRow) => Addressed) => {
        const held = freezes.find((each) => !each.lifted && each.namespace === freeze.namespace)
        if (held) return { ...held, isNew: false }
        const row = { id: '7', verified: false, at: now, ...freeze }
        if (tell) told.push(tell(row))
        return { ...row, isNew: true }
      },
      lift: async ({ namespace }: { namespace: string | null }, tell?: (row: FreezeRow) => Addressed) => {
        const held = freezes.find((each) => !each.lifted && each.namespace === namespace)
        if (held && tell) told.push(tell(held))
        freezes = freezes.filter((each) => each !== held)
        return held
      },
      list: async (namespace?: string) =>
        freezes.filter(
          (each) => !each.lifted && (namespace === undefined || [null, namespace].includes(each.namespace)),
        ),
      since: async () => freezes,
    },
    schedules: { paused: async () => paused, note: async (change: object) => void noted.push(change) },
    workers: { last: async () => worker },
    happenings: {
      ended: async () => upgrades.filter(({ endedAt }) => endedAt !== null),
      events: async () => events.map((event) => ({ ...event, namespace: 'hub', service: 'ledger' })),
      undelivered: async () => undelivered,
    },
    releases: { listOpen: async () => [], services: async () => [] },
    jobLogs: { list: async () => logs },
    check: async () => ({ pending }),
    close: async () => undefined,
  }
  return { store: reads as unknown as Store, resolved, lifted, accepted, votes, noted, told, resent }
}

export type TemporalScript = Omit<Partial<HubTemporal>, 'workers'> & {
  answer?: Answer
  workers?: number
  isOpen?: boolean
}

/** A Temporal that answers like this; what is sent is kept in `sent`. */
export function fakeTemporal(script: TemporalScript = {}) {
  const { answer = { kind: 'accepted', message: 'approved by ana' }, workers = 1, isOpen = true, ...methods } = script
  const sent: { as: 'update' | 'signal'; workflowId: string; verb: string; input: unknown; updateId?: string }[] = []
  const woken: string[] = []
  const temporal: HubTemporal = {
    namespace: 'green',
    async update(workflowId, verb, input, { updateId }) {
      sent.push({ as: 'update', workflowId, verb, input, updateId })
      return answer
    },
    async signal(workflowId, verb, input) {
      sent.push({ as: 'signal', workflowId, verb, input })
      return isOpen
    },
    workers: async () => workers,
    triggerScan: async () => ({ workflowId: 'refit/scan-2', alreadyRan: false }),
    scanState: async () => ({ kind: 'done', complete: true, summary: '1 candidate', started: ['hub/ledger'] }),
    scanRepositories: async () => undefined,
    async wake(workflowId) {
      woken.push(workflowId)
      return isOpen
    },
    openWorkflows: async () => [],
    startRelease: async () => true,
    check: async () => ({ missingSearchAttributes: [] }),
    schedules: async () => [scheduleInfo()],
    triggerSchedule: async (id) => ({ workflowId: `${id}-2`, alreadyRan: false }),
    pauseSchedule: async () => undefined,
    resumeSchedule: async () => undefined,
    ...methods,
  }
  return { temporal, sent, woken }
}

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

export const fakeKubernetes = (methods: Partial<Kubernetes> = {}): Kubernetes =>
  ({
    observeServices: async () => [ledger],
    observeRollout: async () => observation('127.0.0.1:5000/hub/ledger:v1.0.0'),
    patchImages: async () => ({ changed: true }),
    nodePlatforms: async () => undefined,
    namespaces: async () => ['default', 'hub', 'kube-system'],
    check: async () => ({ version: 'v1.34.0', denied: [] }),
    close: async () => undefined,
    ...methods,
  }) as Kubernetes

export const fakeRegistry = (
  tags: string[] = ['v1.0.0', 'v1.0.1', 'v2.0.0'],
  methods: Partial<Registry> = {},
): Registry => ({
  listTags: async () => ({ tags, hash: tags.join() }),
  digestOf: async (_repository, tag) =>
    tags.includes(tag) ? digest(tag === 'v1.0.0' ? '0' : tag === 'v1.0.1' ? '1' : '2') : undefined,
  imageFacts: async () => undefined,
  requests: () => ({}),
  close: async () => undefined,
  ...methods,
})
