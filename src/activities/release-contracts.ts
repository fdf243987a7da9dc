import type { ApprovalRules } from '../domain/policy'
import type { ReleasePhase } from '../domain/release-status'
import type { Outcome } from '../domain/status'
import type { UpgradeInput } from './contracts'

/** All that a release's workflow is started with: its definition and its plans live in the store. */
export interface ReleaseInput {
  release: string
  releaseId: string
}

export interface ReleaseServiceKey {
  releaseId: string
  namespace: string
  service: string
}

/** What the workflow knows of its release: ids and words, never bodies. */
export interface PlannedRelease {
  /** of all its plans in their order */
  planHash: string
  approvalRequired: boolean
  /** the store has the approval already: it was given to an earlier run */
  approved: boolean
  /** an upgrade of it was started by an earlier run */
  begun: boolean
  rules: ApprovalRules
  /** who started it, where that is verified: the maker of makerChecker */
  requestedBy?: string
  onFailure: 'rollback' | 'hold'
  waves: PlannedReleaseService[][]
}

export interface PlannedReleaseService {
  namespace: string
  service: string
  from: string
  candidate: UpgradeInput['candidate']
}

export type ReleasePlanResult =
  { kind: 'planned'; plan: PlannedRelease } | { kind: 'refused' | 'up-to-date'; reason: string }

export interface ReleaseEntry {
  releaseId: string
  /** once per release: what is recorded twice under one key is recorded once */
  key: string
  phase: ReleasePhase
  kind: 'entered' | 'said' | 'approved' | 'withdrawn' | 'escalated' | 'refused' | 'ended' | 'wave' | 'undone'
  waitingFor?: string
  message: string
  by?: string
  verified?: boolean
  outcome?: Outcome
}

/** How one upgrade of a release stands: `ready` came through its bake and stays open, `held` needs a person. */
export type UpgradeStanding = { kind: 'ready' } | { kind: 'failed' | 'held'; message: string }

/** What became of one undo: `kept` was left on purpose, because what depends on it could not be put back. */
export type Undone = { kind: 'put-back' | 'nothing' } | { kind: 'kept' | 'failed'; message: string }
