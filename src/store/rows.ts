/** What the store's tables hold, as plain objects. */
import type { DataStage } from '../domain/data-status'
import type { Decision } from '../domain/decision'
import type { ErrorCode } from '../domain/errors'
import type { Scope } from '../domain/people'
import type { Service } from '../domain/service'
import type { Outcome, Phase } from '../domain/status'

export type { Scope }

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
  /** of one that ended held: why, in a machine word; absent in rows of builds before */
  heldReason?: string | null
  /** as what a person resolved it */
  resolvedAs?: 'succeeded' | 'rolled-back' | null
  /** when a person resolved one that ended held; absent until then */
  resolvedAt?: Date
  waitingFor: string
  message: string
  startedAt: Date
  endedAt: Date | null
}

export interface UpgradeEvent {
  upgradeId: string
  at: Date
  /** of the upgrade, or of the data workflow after it */
  phase: Phase | DataStage
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

/** A decision and all that tells whether it still stands. */
export interface DecisionRow {
  decision: Decision
  /** hash of everything that it was decided from */
  inputs: string
  /** the tag whose digest belongs to the decision */
  watched?: { tag: string; digest: string | null }
  /** epoch ms: decide again then, although nothing else changed */
  revisitAt?: number
}

/** A tag list that a scan called suspicious. */
export interface DoubtedList {
  /** the same for the same tags in any order */
  hash: string
  /** of its tags */
  count: number
  /** the running tags that it lacks */
  missing: string[]
}

/** What is known of a repository from earlier reads. */
export interface KnownRepository {
  /** with the registry host */
  repository: string
  /** without it */
  path: string
  /** of the last trusted list; 0 and '' before the first */
  tagCount: number
  hash: string
  /** of its tags in any order */
  tagsHash: string
  etag?: string
  /** null: never read well */
  readAt: Date | null
  /** why the last read failed; null when it went well */
  error: { code: ErrorCode; message: string; at: Date } | null
  /** the list that the last scan called suspicious */
  doubted: DoubtedList | null
  /** `tagsHash` of the list that a person accepted, until another one is trusted */
  accepted: string | null
  /** the running tags whose absence was accepted with it: they may be missing from later lists, too */
  acceptedMissing: string[]
}

/** Which scan looked, and since when (database time) its batch had been reading. */
export interface ReadBy {
  scanId: string
  readSince: Date
}
/** What came of accepting the list that is doubted now. */
export type Acceptance =
  | { kind: 'accepted' | 'another'; list: DoubtedList; /** of the last trusted list */ lastCount: number }
  | { kind: 'none' }

/** What one read of a repository brought. */
export interface RepositoryRead {
  repository: string
  /** a list that can be trusted and differs from the last one */
  list?: { tags: string[]; hash: string; tagsHash: string; etag?: string }
  doubted?: DoubtedList
  error?: { code: ErrorCode; message: string }
}

export interface SecurityMark extends ServiceKey {
  /** a tag */
  version: string
  reason: string
  by: string
  at: Date
  /** what it is bound to; null until a scan first decides with it */
  digest: string | null
}

/** What a running scan observed of the services of one registry host. */
export interface ScanBatch {
  position: number
  /** empty for services whose registry is not asked */
  host: string
  services: { service: Service; /** of the nodes that run its pods */ platforms: string[] }[]
}

/** An API token; of the secret itself only a hash is kept. */
export interface TokenRow {
  id: string
  /** who acts with it: the name that its votes carry */
  name: string
  scope: Scope
  createdAt: Date
  createdBy: string
  expiresAt: Date | null
  lastUsedAt: Date | null
  revokedAt: Date | null
}

/** One link of the chain of what people did. */
export interface AuditRow {
  /** from 1, without gaps */
  position: number
  /** JSON: who, how verified, what, about what, when, and in which place */
  body: string
  /** the hash of the row before; empty for the first */
  previous: string
  /** sha256 of previous, a line feed and body, hex */
  hash: string
}

/** A login of somebody who uses the page. */
export interface SessionRow {
  name: string
  via: 'token' | 'oidc'
  /** of a session that began with a token */
  tokenId: string | null
  /** the token's, as it is now; null for one of OIDC, whose groups give it */
  scope: Scope | null
  /** those that the OIDC provider told; none for a token, which has those of refit.yaml */
  groups: string[]
  startedAt: Date
  expiresAt: Date
}

/** A login as the list shows it. */
export interface OpenSession {
  name: string
  via: 'token' | 'oidc'
  startedAt: Date
  lastUsedAt: Date
  expiresAt: Date
}

export type VoteVerb = 'request' | 'approve' | 'reject' | 'withdraw' | 'snooze' | 'pause' | 'resume' | 'abort'

/** What a person who logged in said to one upgrade. Its id is all that travels to the workflow, which reads it back. */
export interface VoteRow extends ServiceKey {
  id: string
  upgradeId: string
  /** of the plan that is meant, at least 12 hex digits */
  planHash: string
  verb: VoteVerb
  /** verified */
  by: string
  /** of this person when the vote was cast */
  groups: string[]
  via: 'token' | 'slack' | 'oidc'
  reason: string
  changeReference: string
  /** start outside of windows */
  now: boolean
  overrideFreeze: boolean
  /** of a snooze */
  until: Date | null
  at: Date
}

/** A switch that stops all upgrades, of the hub or of one namespace. */
export interface FreezeRow {
  id: string
  /** null: the whole hub */
  namespace: string | null
  reason: string
  by: string
  /** whether a login stands behind the name */
  verified: boolean
  at: Date
}

/** A freeze as the record keeps it: rows are lifted, never removed. */
export interface PastFreeze extends FreezeRow {
  /** null: it holds */
  lifted: { at: Date; by: string; verified: boolean; because: string } | null
}

/** A Schedule that starts nothing until somebody lets it go on. */
export interface PausedSchedule {
  schedule: string
  /** who and why, as Temporal keeps it */
  note: string
  /** since when this is known */
  at: Date
}
