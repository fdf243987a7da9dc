import type { DataStage } from '../domain/data-status'
import type { Outcome, Phase } from '../domain/status'
import type { UpgradeEvent, UpgradeRow } from './contracts'

/** A row of the table `upgrade`. */
export interface UpgradeRecord {
  id: string
  plan_hash: string
  namespace: string
  service: string
  from_tag: string
  to_tag: string
  to_digest: string
  phase: Phase
  outcome: Outcome | null
  held_reason: string | null
  resolved_as: 'succeeded' | 'rolled-back' | null
  waiting_for: string
  message: string
  started_at: Date
  ended_at: Date | null
  resolved_at: Date | null
  resolved_by: string | null
}

/** A row of the table `upgrade_event`. */
export interface EventRecord {
  upgrade_id: string
  key: string
  at: Date
  phase: Phase | DataStage
  kind: string
  by: string | null
  verified: boolean
  message: string
}

export const upgradeOf = (row: UpgradeRecord): UpgradeRow => ({
  id: row.id,
  planHash: row.plan_hash,
  namespace: row.namespace,
  service: row.service,
  fromTag: row.from_tag,
  toTag: row.to_tag,
  toDigest: row.to_digest,
  phase: row.phase,
  outcome: row.outcome,
  ...(row.held_reason === null ? {} : { heldReason: row.held_reason }),
  ...(row.resolved_as === null ? {} : { resolvedAs: row.resolved_as }),
  ...(row.resolved_at === null ? {} : { resolvedAt: row.resolved_at }),
  waitingFor: row.waiting_for,
  message: row.message,
  startedAt: row.started_at,
  endedAt: row.ended_at,
})

export const eventOf = (row: EventRecord): UpgradeEvent => ({
  upgradeId: row.upgrade_id,
  at: row.at,
  phase: row.phase,
  kind: row.kind,
  by: row.by,
  verified: row.verified,
  message: row.message,
})
