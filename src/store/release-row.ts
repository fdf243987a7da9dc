import type { ReleaseRules } from '../domain/release'
import type { ReleasePhase } from '../domain/release-status'
import type { Outcome, Phase } from '../domain/status'
import type { ReleaseRow, ReleaseServiceRow, ReleaseVerdict } from './contracts'

/** A row of the table `release`. */
export interface ReleaseRecord {
  id: string
  name: string
  definition: string
  hash: string | null
  sha256: string | null
  rules: ReleaseRules | null
  phase: ReleasePhase
  outcome: Outcome | null
  waiting_for: string
  message: string
  requested_by: string
  requested_verified: boolean
  approved_by: string | null
  approved_at: Date | null
  started_at: Date
  ended_at: Date | null
}

/** A row of the table `release_service` with its upgrade's. */
export interface ReleaseServiceRecord {
  release_id: string
  position: number
  namespace: string
  service: string
  wave: number
  goes_after: string[]
  plan_hash: string
  from_tag: string
  to_tag: string
  to_digest: string
  upgrade_id: string | null
  ready_at: Date | null
  verdict: ReleaseVerdict | null
  because: string
  outcome: Outcome | null
  message: string
  upgrade_phase: Phase | null
  upgrade_outcome: Outcome | null
  upgrade_message: string | null
}

export const releaseOf = (row: ReleaseRecord): ReleaseRow => ({
  id: row.id,
  name: row.name,
  definition: row.definition,
  hash: row.hash,
  rules: row.rules,
  phase: row.phase,
  outcome: row.outcome,
  waitingFor: row.waiting_for,
  message: row.message,
  requestedBy: row.requested_by,
  requestedVerified: row.requested_verified,
  approvedBy: row.approved_by,
  approvedAt: row.approved_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
})

export const releaseServiceOf = (row: ReleaseServiceRecord): ReleaseServiceRow => ({
  position: row.position,
  namespace: row.namespace,
  service: row.service,
  wave: row.wave,
  after: row.goes_after,
  planHash: row.plan_hash,
  from: row.from_tag,
  to: row.to_tag,
  digest: row.to_digest,
  upgradeId: row.upgrade_id,
  ready: row.ready_at !== null,
  verdict: row.verdict,
  because: row.because,
  phase: row.upgrade_phase,
  outcome: row.upgrade_id === null ? row.outcome : row.upgrade_outcome,
  message: (row.upgrade_id === null ? row.message : row.upgrade_message) ?? '',
})
