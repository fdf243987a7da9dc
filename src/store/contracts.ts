import type { Alert, SharedHosts } from '../clients/contracts'
import type { TagSeen } from '../domain/decide'
import type { Decision, ShortDecision } from '../domain/decision'
import type { Diagnosis } from '../domain/diagnosis'
import type { ImageFacts } from '../domain/image-facts'
import type { PlannedRehearsal } from '../domain/migrations/planned-rehearsal'
import type { JobRehearsal } from '../domain/migrations/job-rehearsal'
import type { ImageRead } from '../domain/migrations/status'
import type { Plan } from '../domain/plan'
import type { Outcome, Phase } from '../domain/status'
import type { AlertStore } from './alert-contracts'
import type { DataStore } from './data-contracts'
import type { FigureStore } from './figure-contracts'
import type { LoginStore } from './login-contracts'
import type { ReleaseStore } from './release-contracts'
import type { ViewStore } from './view-contracts'
import type {
  Acceptance,
  DecisionRow,
  FreezeRow,
  ImageSnapshot,
  KnownRepository,
  PastFreeze,
  PausedSchedule,
  QuarantineRow,
  ReadBy,
  RepositoryRead,
  ScanBatch,
  SecurityMark,
  ServiceKey,
  UpgradeEvent,
  UpgradeRow,
} from './rows'

export type * from './alert-contracts'
export type * from './data-contracts'
export type * from './figure-contracts'
export type * from './login-contracts'
export type * from './release-contracts'
export type * from './rows'
export type * from './view-contracts'

/** An alert and the names of the targets that get it. */
export interface Addressed {
  targets: string[]
  alert: Alert
}

export interface ImageKey {
  repository: string
  digest: string
  path?: string
}

/** Refit's own tables. Every write is idempotent; DATABASE_UNAVAILABLE when the server can't be reached. */
export interface Store extends ViewStore {
  plans: {
    /** Insert-only under its hash (sha256 of the canonical plan, first 12 hex digits). Returns the hash. */
    save(plan: Plan): Promise<string>
    /** PLAN_UNKNOWN when absent; PLAN_CHANGED when the stored body no longer hashes to `hash`. */
    read(hash: string): Promise<Plan>
  }
  upgrades: {
    /** The open upgrade of this plan, or a new attempt. Refused (APPROVAL_REFUSED) while another plan's is open. */
    open(plan: Plan, planHash: string): Promise<UpgradeRow>
    /** Sets phase, waitingFor and message, and appends the event once per (upgrade, key). */
    record(entry: {
      upgradeId: string
      key: string
      phase: Phase
      kind: string
      waitingFor?: string
      message: string
      by?: string
      verified?: boolean
      outcome?: Outcome
      /** of an end as held: its machine word */
      heldReason?: string
      at?: Date
      /** put into the outbox in the same transaction, so that neither is there without the other */
      tell?: Addressed
    }): Promise<void>
    /** the event that `record` kept under this key, if any: how a step knows that it was already done */
    recorded(upgradeId: string, key: string): Promise<UpgradeEvent | undefined>
    read(id: string): Promise<UpgradeRow | undefined>
    /** the open one of a service, else the newest */
    latest(key: ServiceKey): Promise<UpgradeRow | undefined>
    listOpen(): Promise<UpgradeRow[]>
    /** ended `held` and not yet resolved by a person */
    listHeld(): Promise<UpgradeRow[]>
    /** `tell`: as of `record` */
    resolve(
      id: string,
      by: string,
      reason: string,
      tell?: Addressed,
      as?: 'succeeded' | 'rolled-back',
      verified?: boolean,
    ): Promise<void>
    /** Has a held one, or one without a workflow, go on; nothing the second time. APPROVAL_REFUSED when it ended otherwise. */
    reopen(
      id: string,
      by: { by: string; verified: boolean; reason: string; times: number; from: string },
    ): Promise<void>
    list(filter: Partial<ServiceKey> & { limit: number }): Promise<UpgradeRow[]>
    events(upgradeId: string): Promise<UpgradeEvent[]>
    /** the newest upgrade of this digest that a person rejected or aborted: remembered until the digest changes */
    rejectedDigest(key: ServiceKey, digest: string): Promise<UpgradeRow | undefined>
    /** all digests that a person rejected or aborted, with the newest reason */
    listRejected(): Promise<(ServiceKey & { digest: string; reason: string })[]>
    /** how long the last 20 succeeded upgrades of a service took from preflight to their end, in ms, newest first */
    durations(key: ServiceKey): Promise<number[]>
    /** succeeded upgrades to this digest, newest first, each with when a later one of its service succeeded */
    succeededWith(digest: string): Promise<(UpgradeRow & { replacedAt: Date | null })[]>
  }
  snapshots: {
    /** Keeps the first one for ever; returns what is kept. */
    saveOnce(upgradeId: string, snapshots: ImageSnapshot[]): Promise<ImageSnapshot[]>
    read(upgradeId: string): Promise<ImageSnapshot[]>
  }
  decisions: {
    /** Keeps these as what the scan says now, but for those that a batch which began later (`readSince`) has decided. */
    save(read: ReadBy, rows: DecisionRow[]): Promise<void>
    /** These stand as they are: the scan looked, and nothing had changed. */
    confirm(read: ReadBy, keys: ServiceKey[]): Promise<void>
    /** What tells whether the decisions of these services still stand, by `namespace/service`. */
    inputsOf(keys: ServiceKey[]): Promise<Map<string, Omit<DecisionRow, 'decision'>>>
    /** Forgets what no scan has seen since then: it is not there any more. */
    forget(unseenSince: Date): Promise<void>
    list(): Promise<(ShortDecision & { at: Date })[]>
    read(key: ServiceKey): Promise<(Decision & { at: Date }) | undefined>
  }
  scans: {
    /** the database's time: what a scan compares rows with */
    now(): Promise<Date>
    save(scan: { id: string; startedAt: Date; endedAt: Date; complete: boolean; summary: string }): Promise<void>
    last(): Promise<{ id: string; startedAt: Date; endedAt: Date; complete: boolean; summary: string } | undefined>
  }
  batches: {
    save(scanId: string, batches: ScanBatch[]): Promise<void>
    read(scanId: string, position: number): Promise<ScanBatch | undefined>
    /** Removes this scan's, and those that a scan left behind more than a week ago. */
    remove(scanId: string): Promise<void>
  }
  repositories: {
    read(repositories: readonly string[]): Promise<Map<string, KnownRepository>>
    /** the last trusted list */
    tags(repository: string): Promise<string[] | undefined>
    /** all with this path, on whichever host */
    byPath(path: string): Promise<KnownRepository[]>
    /** Keeps these, but for those that a batch which began later has read. */
    save(reads: RepositoryRead[], readSince: Date): Promise<void>
    /** Trusts the doubted list once; only the one whose hash begins with `list`, if that is given. */
    accept(acceptance: {
      repository: string
      by: string
      verified?: boolean
      reason: string
      list?: string
    }): Promise<Acceptance>
  }
  seen: {
    /** Starts the clock of tags that are new; the first call for a repository makes them its baseline. */
    note(repository: string, tags: readonly string[]): Promise<void>
    /**
     * Notes what a tag points to, and returns its clock. Another digest than before starts it anew, and so does a first
     * one that comes too late to tell what the tag pointed to when it was met.
     */
    noteDigest(repository: string, tag: string, digest: string): Promise<TagSeen>
    /** of these tags; of all without */
    read(repository: string, tags?: readonly string[]): Promise<Record<string, TagSeen>>
    /** Forgets tags that trusted lists have not had for 90 days: one that comes back is new. */
    prune(repository: string, tags: readonly string[]): Promise<void>
  }
  images: {
    read(digest: string): Promise<ImageFacts | undefined>
    save(facts: ImageFacts): Promise<void>
  }
  /** an image's own migrations; `path` is the folder that was asked for */
  imageMigrations: {
    read(image: ImageKey): Promise<ImageRead | undefined>
    /** Keeps the first, and forgets the oldest of thousands. */
    save(image: ImageKey, found: ImageRead): Promise<void>
  }
  /** what rehearsals of images' own migrations said, by the hash of their conditions */
  jobRehearsals: {
    read(key: string): Promise<JobRehearsal | undefined>
    save(key: string, rehearsal: JobRehearsal): Promise<void>
  }
  marks: {
    /** live ones */
    list(): Promise<SecurityMark[]>
    /** false when it is marked already */
    mark(mark: Omit<SecurityMark, 'at' | 'digest'> & { verified?: boolean }): Promise<boolean>
    /** Binds the live mark to a digest, once; returns what it is bound to, undefined when there is none. */
    bind(key: ServiceKey, version: string, digest: string): Promise<string | undefined>
    /** false when there is none */
    lift(key: ServiceKey, version: string, by: string, verified?: boolean): Promise<boolean>
  }
  registryHosts: SharedHosts
  quarantine: {
    add(row: Omit<QuarantineRow, 'since' | 'liftedAt' | 'liftedBy'>): Promise<void>
    /** live rows only */
    list(): Promise<QuarantineRow[]>
    lift(
      key: ServiceKey,
      digest: string,
      by: string,
      said?: { reason?: string | undefined; verified?: boolean },
    ): Promise<boolean>
  }
  outbox: AlertStore['outbox']
  slackMessages: AlertStore['slackMessages']
  tokens: LoginStore['tokens']
  sessions: LoginStore['sessions']
  audit: LoginStore['audit']
  votes: LoginStore['votes']
  freezes: {
    /**
     * The live one of this namespace (null: of the hub), made if there is none. What `tell` makes of the row goes into the
     * outbox together with it.
     */
    add(
      freeze: Pick<FreezeRow, 'namespace' | 'reason' | 'by'> & { verified?: boolean },
      tell?: (row: FreezeRow) => Addressed,
    ): Promise<FreezeRow & { isNew: boolean }>
    /** The one that was lifted, undefined when there is none; `tell` as with `add`. */
    lift(
      lifting: { namespace: string | null; by: string; verified?: boolean; reason: string },
      tell?: (row: FreezeRow) => Addressed,
    ): Promise<FreezeRow | undefined>
    /** live ones, oldest first; with a namespace: those that hold it */
    list(namespace?: string): Promise<FreezeRow[]>
    /** live ones and those that were set or lifted since then, newest first */
    since(at: Date): Promise<PastFreeze[]>
  }
  digests: {
    /** until when the newest one told what happened; undefined before the first */
    last(): Promise<Date | undefined>
    /** Keeps it and puts its alert into the outbox, once per slot; false when that was done before. */
    add(digest: { slot: string; from: Date; to: Date }, told: Addressed): Promise<boolean>
  }
  workers: {
    /** a worker starts with this refit.yaml */
    started(configHash: string): Promise<void>
    /** the newest start; undefined before the first */
    last(): Promise<{ configHash: string; at: Date } | undefined>
  }
  schedules: {
    /** Notes how a Schedule is, unless that is known; without `by` a worker found it so. */
    note(change: { schedule: string; paused: boolean; note: string; by?: string; verified?: boolean }): Promise<void>
    /** those that are paused, as far as is known */
    paused(): Promise<PausedSchedule[]>
  }
  happenings: {
    /** upgrades that ended in [from, to), oldest first */
    ended(from: Date, to: Date): Promise<UpgradeRow[]>
    /** what was recorded in [from, to), newest first */
    events(from: Date, to: Date, limit: number): Promise<(UpgradeEvent & ServiceKey)[]>
    /** alerts that have been waiting for a target since before then, and those that were given up */
    undelivered(before: Date): Promise<number>
  }
  releases: ReleaseStore
  rehearsals: {
    /** what a rehearsal under the same conditions said; undefined when there was none */
    read(key: string): Promise<PlannedRehearsal | undefined>
    /** Keeps the first one under a key. */
    save(key: string, rehearsal: PlannedRehearsal): Promise<void>
  }
  data: DataStore
  /** how the hub stands, in numbers */
  figures: FigureStore
  diagnoses: {
    /** Keeps the first one of a step. */
    saveOnce(upgradeId: string, step: string, diagnosis: Diagnosis): Promise<void>
    /** oldest first */
    list(upgradeId: string): Promise<Diagnosis[]>
  }
  jobLogs: {
    save(upgradeId: string, step: string, log: string): Promise<void>
    list(upgradeId: string): Promise<{ step: string; log: string; at: Date }[]>
  }
  /** Brings the schema to this build's version, under an advisory lock. */
  migrate(): Promise<void>
  /** throws DATABASE_UNAVAILABLE, or says which migrations are pending */
  check(): Promise<{ pending: number }>
  /** rights on tables of the store that this login lacks, such as `INSERT on audit` */
  lacking(): Promise<string[]>
  close(): Promise<void>
}
