import type { Alert, SharedHosts } from '../clients/contracts'
import type { TagSeen } from '../domain/decide'
import type { Decision, ShortDecision } from '../domain/decision'
import type { ImageFacts } from '../domain/image-facts'
import type { Plan } from '../domain/plan'
import type { ReleaseDefinition, ReleaseStep } from '../domain/release'
import type { ReleasePhase } from '../domain/release-status'
import type { Outcome, Phase } from '../domain/status'
import type {
  Acceptance,
  AlertRow,
  DecisionRow,
  FreezeRow,
  ImageSnapshot,
  KnownRepository,
  OutboxRow,
  PastFreeze,
  PausedSchedule,
  QuarantineRow,
  ReadBy,
  ReleaseEvent,
  ReleaseRow,
  ReleaseServiceRow,
  ReleaseVerdict,
  RepositoryRead,
  ScanBatch,
  SecurityMark,
  ServiceKey,
  SlackMessage,
  TargetRow,
  TokenRow,
  UpgradeEvent,
  UpgradeRow,
  VoteRow,
} from './rows'

export type * from './rows'

/** An alert and the names of the targets that get it. */
export interface Addressed {
  targets: string[]
  alert: Alert
}

/** Refit's own tables. Every write is idempotent; DATABASE_UNAVAILABLE when the server can't be reached. */
export interface Store {
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
    resolve(id: string, by: string, reason: string, tell?: Addressed): Promise<void>
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
    accept(acceptance: { repository: string; by: string; reason: string; list?: string }): Promise<Acceptance>
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
  marks: {
    /** live ones */
    list(): Promise<SecurityMark[]>
    /** false when it is marked already */
    mark(mark: Omit<SecurityMark, 'at' | 'digest'>): Promise<boolean>
    /** Binds the live mark to a digest, once; returns what it is bound to, undefined when there is none. */
    bind(key: ServiceKey, version: string, digest: string): Promise<string | undefined>
    /** false when there is none */
    lift(key: ServiceKey, version: string, by: string): Promise<boolean>
  }
  registryHosts: SharedHosts
  quarantine: {
    add(row: Omit<QuarantineRow, 'since' | 'liftedAt' | 'liftedBy'>): Promise<void>
    /** live rows only */
    list(): Promise<QuarantineRow[]>
    lift(key: ServiceKey, digest: string, by: string): Promise<boolean>
  }
  outbox: {
    /**
     * One row per target, under the alert's key; the first content under a key stays. False when it is no news: the key is
     * there already, or none of its states is new.
     */
    add(targets: string[], alert: Alert): Promise<boolean>
    /** Targets that have something due, don't rest and to which nobody sends. */
    dueTargets(): Promise<string[]>
    /**
     * Makes `holder` the one that sends to a target, or keeps it so for another `leaseMs`: the failures of the target in a
     * row. Undefined while another one sends or while the target rests.
     */
    lease(target: string, holder: string, leaseMs: number): Promise<number | undefined>
    release(target: string, holder: string): Promise<void>
    /** what is due, oldest first */
    due(target: string, limit: number): Promise<OutboxRow[]>
    /** The target took it; `note`: what it said beside that. */
    sent(id: string, note?: string): Promise<void>
    /** Tried again after `delayMs`; dead when that has gone on for `giveUpAfterMs`. */
    failed(id: string, failure: { error: string; delayMs: number; giveUpAfterMs: number }): Promise<'waiting' | 'dead'>
    /** Leaves the whole target alone for so long; 0: it works again. */
    rest(target: string, ms: number): Promise<void>
    /** What was tried for so long for targets that are none of these is dead. */
    giveUp(targets: readonly string[], afterMs: number): Promise<number>
    /** of every target that ever got an alert */
    targets(): Promise<TargetRow[]>
    /** newest first */
    list(filter: { state?: 'waiting' | 'dead'; limit: number }): Promise<AlertRow[]>
    read(id: string): Promise<AlertRow | undefined>
    /** Makes this one, or all dead ones, due now; how many. What was sent stays sent. */
    resend(which: { id: string } | 'dead'): Promise<number>
  }
  slackMessages: {
    read(target: string, thread: string): Promise<SlackMessage | undefined>
    /** Keeps the first one; returns what is kept. */
    save(target: string, thread: string, message: SlackMessage): Promise<SlackMessage>
    /** It is gone from Slack. */
    forget(target: string, thread: string): Promise<void>
  }
  tokens: {
    /** `hash`: sha256 of the secret, hex */
    create(token: Pick<TokenRow, 'id' | 'name' | 'scope' | 'createdBy' | 'expiresAt'> & { hash: string }): Promise<void>
    /** the live one with this hash; notes that it was used, at most once a minute */
    find(hash: string): Promise<TokenRow | undefined>
    /** newest first, revoked and expired ones, too */
    list(): Promise<TokenRow[]>
    /** false when there is no live one */
    revoke(id: string, by: string): Promise<boolean>
  }
  votes: {
    /** Keeps the first one under an id. */
    cast(vote: Omit<VoteRow, 'at'>): Promise<void>
    read(id: string): Promise<VoteRow | undefined>
    /** what this person said last to this upgrade */
    last(upgradeId: string, by: string): Promise<VoteRow | undefined>
  }
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
  releases: {
    /** Insert-only under its hash (12 hex digits). Returns the hash. */
    define(definition: ReleaseDefinition): Promise<string>
    /** RELEASE_UNKNOWN when absent */
    definition(hash: string): Promise<ReleaseDefinition>
    /** The open release of this definition, or a new attempt. RELEASE_REFUSED while another is open. */
    open(release: { definition: string; name: string; by: string; verified: boolean }): Promise<ReleaseRow>
    /** Keeps the first plan of a release for ever; returns the release as it is kept. */
    plan(id: string, steps: ReleaseStep[]): Promise<ReleaseRow>
    /** Sets phase, waitingFor and message, and appends the event once per (release, key). `approved` is kept. */
    record(entry: {
      releaseId: string
      key: string
      phase: ReleasePhase
      kind: string
      waitingFor?: string
      message: string
      by?: string
      verified?: boolean
      outcome?: Outcome
    }): Promise<void>
    read(id: string): Promise<ReleaseRow | undefined>
    /** the open one, else the newest; of this name, or of all */
    latest(name?: string): Promise<ReleaseRow | undefined>
    list(limit: number): Promise<ReleaseRow[]>
    /** at most one per hub */
    listOpen(): Promise<ReleaseRow[]>
    services(id: string): Promise<ReleaseServiceRow[]>
    /** Keeps which upgrade the release opened for a service, once. */
    opened(id: string, key: ServiceKey, upgradeId: string): Promise<void>
    /** The upgrade came through its bake. */
    ready(id: string, key: ServiceKey): Promise<void>
    /** What the release says to the upgrade; the first word counts. */
    say(id: string, key: ServiceKey, verdict: ReleaseVerdict, because: string): Promise<void>
    /** A child that ended before it had a plan. */
    endedUnplanned(id: string, key: ServiceKey, outcome: Outcome, message: string): Promise<void>
    events(id: string): Promise<ReleaseEvent[]>
  }
  jobLogs: {
    save(upgradeId: string, step: string, log: string): Promise<void>
    list(upgradeId: string): Promise<{ step: string; log: string; at: Date }[]>
  }
  /** Brings the schema to this build's version, under an advisory lock. */
  migrate(): Promise<void>
  /** throws DATABASE_UNAVAILABLE, or says which migrations are pending */
  check(): Promise<{ pending: number }>
  close(): Promise<void>
}
