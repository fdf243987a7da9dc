import type { WorkloadRef } from '../clients/contracts'
import type { Candidate } from '../domain/decision'
import type { DataStep } from '../domain/data-plan'
import type { EventKind } from '../domain/event'
import type { Outcome, Phase } from '../domain/status'
import type { Said, Speaker, UpgradeRules } from '../domain/votes'

export interface UpgradeKey {
  upgradeId: string
  planHash: string
}

/** All that a workflow is started with: the plan itself is made by the worker and lives in the store. */
export interface UpgradeInput {
  namespace: string
  service: string
  candidate: Candidate
  /** the release that it belongs to: it stays open after its bake until the release says how it ends */
  release?: ReleaseKey
  /** a person takes a succeeded upgrade back */
  rollbackOf?: ByHand & { upgradeId: string }
  /** a person has a held or orphaned upgrade go on, in a workflow of its own */
  resume?: Resumption
}

/** Who says so, and why; `verified`: who is behind the name was checked. */
export interface ByHand {
  by: string
  verified: boolean
  reason: string
}

export interface Resumption extends ByHand, UpgradeKey {
  /** how often it was resumed, this time included: keeps what it records apart from the runs before */
  times: number
  /** where it begins: at its question, at the last check before the first write, at the first write, or at the undo */
  from: 'approval' | 'preflight' | 'expand' | 'rollback'
}

export interface ReleaseKey {
  /** the release's id in the store */
  id: string
  /** such as 17.1.0 */
  name: string
}

/** What the workflow knows of its plan: ids and words, never bodies. */
export interface PlannedUpgrade extends UpgradeKey {
  from: string
  to: string
  digest: string
  approvalRequired: boolean
  expiresMs: number
  /** who may say what; absent in plans of builds before votes were told apart */
  rules?: UpgradeRules
  /** what a window that closes meanwhile means; absent: it finishes */
  whenWindowCloses?: 'hold' | 'rollback'
  /** what is rolled with its new init containers before expand; absent: nothing, also in plans of builds before */
  prepare?: WorkloadRef[]
  /** one title per migration source, in order; what `migrate` is called with is the index */
  expand: string[]
  /** backfills that are done before the rollout */
  before?: DataStep[]
  workloads: WorkloadRef[]
  /** where each rollout stands still, in words; absent: nowhere, also in plans of builds before */
  stages?: string[]
  /** what changes one of them may change others, as a commit does */
  together?: true
  bakeMs: number
  /** it takes an earlier upgrade back */
  goesBack?: true
  /** has files for the data workflow: backfill or contract */
  hasDataPhases: boolean
  /** what whoever approves it should know of the cluster; absent: nothing */
  warnings?: string[]
}

export type PlanResult =
  | { kind: 'planned'; plan: PlannedUpgrade }
  | { kind: 'up-to-date'; reason: string }
  | { kind: 'refused'; reason: string }

/** A step's end in words; `failed` asks for a rollback, `unknown` and `conflict` hold the upgrade for a person. */
export interface StepVerdict {
  kind: 'healthy' | 'failed' | 'unknown' | 'conflict'
  reason: string
  sentence: string
  /** when the sign that decided was first seen, epoch ms */
  since?: number
  /** the workload that it is about, where it is one */
  workload?: string
  /** when the verdict fell, epoch ms */
  at?: number
}

/** One workload in one stage of its rollout; an index of the plan's `stages`. */
export interface StageKey extends UpgradeKey {
  workload: WorkloadRef
  stage: number
}

/** What the activity `window` is asked. */
export interface WindowQuestion extends UpgradeKey {
  /** the workflow's time, epoch milliseconds */
  now: number
  /** a person of the emergency group has it start outside of windows, and in freezes if they said so */
  emergency?: { overrideFreeze: boolean }
  /** the first write is done or near: windows are looked at as they are, without the expected duration */
  underway?: boolean
  /** it has not begun: data workflows that work on its databases are waited for */
  start?: true
}

/** May it start, or go on? Instants are epoch milliseconds. */
export type WindowAnswer =
  | { kind: 'open'; closesAt?: number }
  | {
      kind: 'closed'
      /** null: until a person lifts a freeze */
      opensAt: number | null
      /** what closes it; absent in answers of builds before, whose words say `freeze` of a freeze, and only of one */
      cause?: 'window' | 'freeze' | 'data' | 'turn'
      /** in words */
      because: string
    }
  | { kind: 'never'; because: string }

/** What `readVote` found under an id. */
export type VoteRead = { kind: 'vote'; said: Said; speaker: Speaker } | { kind: 'forged'; because: string }

export interface Entry extends UpgradeKey {
  /** once per upgrade: what is recorded twice under one key is recorded once */
  key: string
  phase: Phase
  kind: EventKind
  waitingFor?: string
  message: string
  by?: string
  verified?: boolean
  outcome?: Outcome
  /** of an end as held: why, in a machine word */
  heldReason?: string
  /** epoch milliseconds: when the question expires */
  expiresAt?: number
  /** of a rollback: the digest is not to blame and will be offered again */
  offeredAgain?: boolean
  /** of a question: what speaks for looking twice */
  warnings?: string[]
}

export interface ScanSummary {
  complete: boolean
  summary: string
  /** candidates of services whose policy lets Refit act */
  start: UpgradeInput[]
}

/** What a scan looks at: the whole hub, or only what runs images of some repositories. */
export interface ScanScope {
  scanId: string
  /** repositories with their registry host */
  only?: string[]
}

/** What a scan observed, in batches that lie in the store. */
export interface Observed {
  /** epoch ms by the database's clock */
  startedAt: number
  batches: { position: number; host: string; repositories: number }[]
  /** positions of batches that could not be decided */
  failed?: number[]
}
