import type { Alert, SharedHosts } from '../clients/contracts'
import type { Decision } from '../domain/decision'
import type { Plan } from '../domain/plan'
import type { Outcome, Phase } from '../domain/status'

export interface ServiceKey {
  namespace: string
  service: string
}

export interface UpgradeRow extends ServiceKey {
  /** `<planHash>-<attempt>`: the idempotency key of everything that this upgrade does */
  id: string
  planHash: string
  fromTag: string
  toTag: string
  toDigest: string
  phase: Phase
  outcome: Outcome | null
  waitingFor: string
  message: string
  startedAt: Date
  endedAt: Date | null
}

export interface UpgradeEvent {
  upgradeId: string
  at: Date
  phase: Phase
  /** entered, approved, rejected, refused, patched, restored, migrated, ended, … */
  kind: string
  by: string | null
  verified: boolean
  message: string
}

export interface ImageSnapshot {
  workload: { kind: string; name: string; uid: string }
  containers: { name: string; init: boolean; image: string }[]
}

export interface QuarantineRow extends ServiceKey {
  digest: string
  tag: string
  reason: string
  upgradeId: string
  since: Date
  liftedAt: Date | null
  liftedBy: string | null
}

export interface OutboxRow {
  id: string
  target: string
  alert: Alert
  attempts: number
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
    }): Promise<void>
    /** the event that `record` kept under this key, if any: how a step knows that it was already done */
    recorded(upgradeId: string, key: string): Promise<UpgradeEvent | undefined>
    read(id: string): Promise<UpgradeRow | undefined>
    /** the open one of a service, else the newest */
    latest(key: ServiceKey): Promise<UpgradeRow | undefined>
    listOpen(): Promise<UpgradeRow[]>
    /** ended `held` and not yet resolved by a person */
    listHeld(): Promise<UpgradeRow[]>
    resolve(id: string, by: string, reason: string): Promise<void>
    list(filter: Partial<ServiceKey> & { limit: number }): Promise<UpgradeRow[]>
    events(upgradeId: string): Promise<UpgradeEvent[]>
    /** the newest upgrade of this digest that a person rejected or aborted: remembered until the digest changes */
    rejectedDigest(key: ServiceKey, digest: string): Promise<UpgradeRow | undefined>
  }
  snapshots: {
    /** Keeps the first one for ever; returns what is kept. */
    saveOnce(upgradeId: string, snapshots: ImageSnapshot[]): Promise<ImageSnapshot[]>
    read(upgradeId: string): Promise<ImageSnapshot[]>
  }
  decisions: {
    saveAll(scanId: string, decisions: Decision[]): Promise<void>
    list(): Promise<(Decision & { at: Date })[]>
    read(key: ServiceKey): Promise<(Decision & { at: Date }) | undefined>
  }
  scans: {
    save(scan: { id: string; startedAt: Date; endedAt: Date; complete: boolean; summary: string }): Promise<void>
    last(): Promise<{ id: string; startedAt: Date; endedAt: Date; complete: boolean; summary: string } | undefined>
  }
  repositories: {
    /** how many tags the last trusted list had */
    lastTagCount(repository: string): Promise<number | undefined>
    trust(repository: string, tagCount: number): Promise<void>
  }
  registryHosts: SharedHosts
  quarantine: {
    add(row: Omit<QuarantineRow, 'since' | 'liftedAt' | 'liftedBy'>): Promise<void>
    /** live rows only */
    list(): Promise<QuarantineRow[]>
    lift(key: ServiceKey, digest: string, by: string): Promise<boolean>
  }
  outbox: {
    /** One row per target; a key that was ever stored is dropped silently. */
    add(targets: string[], alert: Alert): Promise<void>
    /** Unsent rows that are due, claimed for `leaseMs` so that two senders don't take the same one. */
    claim(limit: number, leaseMs: number): Promise<OutboxRow[]>
    sent(id: string): Promise<void>
    failed(id: string, error: string, retryAt: Date): Promise<void>
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
