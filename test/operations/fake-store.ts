/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import type { Decision } from '../../src/domain/decision'
import type { Diagnosis } from '../../src/domain/diagnosis'
import type { Plan } from '../../src/domain/plan'
import type {
  Addressed,
  AlertRow,
  FreezeRow,
  PastFreeze,
  DataRow,
  PausedSchedule,
  QuarantineRow,
  SecurityMark,
  SessionRow,
  Store,
  TargetRow,
  TokenRow,
  UpgradeEvent,
  UpgradeFilter,
  UpgradeRow,
  VoteRow,
} from '../../src/store/contracts'
import { type lastScan, now } from './fixtures'

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
  /** rights that the store's role lacks */
  lacking?: string[]
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
  data?: DataRow
  undelivered?: number
  diagnoses?: Diagnosis[]
  /** the database's */
  clock?: () => Date
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
    lacking = [],
    doubted = [],
    marks = [],
    targets = [],
    alerts = [],
    tokens = {},
    paused = [],
    worker,
    data,
    undelivered = 0,
    durations = [],
    diagnoses = [],
    clock = () => new Date(),
  } = contents
  let { freezes = [] } = contents
  const told: Addressed[] = []
  const resolved: string[][] = []
  const resolvedAs: string[] = []
  const added: { digest: string }[] = []
  const accepted: string[] = []
  const lifted: string[] = []
  const resent: string[] = []
  const votes: VoteRow[] = []
  const noted: object[] = []
  const sessions = new Map<string, SessionRow>()
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
      resolve: async (id: string, by: string, reason: string, tell?: Addressed, as?: string) => {
        resolved.push([id, by, reason])
        if (as) resolvedAs.push(as)
        if (tell) told.push(tell)
      },
    },
    upgradePages: {
      page: async ({ namespace, service }: UpgradeFilter, { limit }: { limit: number }) => ({
        rows: upgrades
          .filter((each) => same(each, { ...(namespace ? { namespace } : {}), ...(service ? { service } : {}) }))
          .slice(0, limit),
        next: null,
      }),
    },
    healthSamples: { add: async () => undefined, list: async () => [], forget: async () => undefined },
    requests: { begin: async () => ({ kind: 'new' }), end: async () => undefined, forget: async () => undefined },
    repositoryList: { all: async () => [] },
    decisions: {
      list: async () => decisions,
      read: async (key: { namespace: string; service: string }) => decisions.find((each) => same(each, key)),
    },
    scans: { last: async () => scan, now: async () => clock() },
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
    rehearsals: { read: async () => undefined, save: async () => undefined },
    jobRehearsals: { read: async () => undefined, save: async () => undefined },
    imageMigrations: { read: async () => undefined, save: async () => undefined },
    marks: {
      list: async () => marks,
      mark: async (mark: { version: string }) => !marks.some(({ version }) => version === mark.version),
      lift: async (_key: unknown, version: string) => marks.some((each) => each.version === version),
    },
    quarantine: {
      list: async () => quarantine,
      add: async (row: { digest: string }) => void added.push(row),
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
    sessions: {
      open: async ({ hash, ...session }: SessionRow & { hash: string }) => void sessions.set(hash, session),
      find: async (hash: string) => sessions.get(hash),
      end: async (hash: string) => sessions.delete(hash),
      list: async () => [...sessions.values()],
      endOf: async (name: string) => {
        const theirs = [...sessions].filter(([, session]) => session.name === name)
        return theirs.filter(([hash]) => sessions.delete(hash)).length
      },
    },
    audit: { after: async () => [], before: async () => [] },
    votes: {
      cast: async (vote: VoteRow) => {
        if (!votes.some(({ id }) => id === vote.id)) votes.push({ ...vote, at: now })
      },
      read: async (id: string) => votes.find((each) => each.id === id),
      last: async (upgradeId: string, by: string) =>
        votes.findLast((each) => each.upgradeId === upgradeId && each.by === by),
      list: async (upgradeId: string) => votes.filter((each) => each.upgradeId === upgradeId),
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
    data: { latest: async () => data },
    happenings: {
      ended: async () => upgrades.filter(({ endedAt }) => endedAt !== null),
      events: async () => events.map((event) => ({ ...event, namespace: 'hub', service: 'ledger' })),
      undelivered: async () => undelivered,
    },
    releases: { listOpen: async () => [], services: async () => [], of: async () => null },
    jobLogs: { list: async () => logs },
    diagnoses: { list: async () => diagnoses },
    check: async () => ({ pending }),
    lacking: async () => lacking,
    close: async () => undefined,
  }
  return { store: reads as unknown as Store, resolved, resolvedAs, added, lifted, accepted, votes, noted, told, resent }
}
