import type { DataStep } from '../domain/data-plan'
import type { DataStage } from '../domain/data-status'
import type { EventKind } from '../domain/event'
import type { Outcome } from '../domain/status'
import type { UpgradeRules } from '../domain/votes'
import type { StepVerdict, UpgradeKey } from './contracts'

/** What names one run of a data workflow to its activities. */
export interface DataKey extends UpgradeKey {
  /** of the run: what votes on it name as their upgrade, so that a yes to the upgrade is none to its contract */
  dataId: string
}

/** What the data workflow knows of its plan: ids and words, never bodies. */
export interface PlannedData extends DataKey {
  namespace: string
  service: string
  from: string
  to: string
  backfill: DataStep[]
  contract: DataStep[]
  /** who may say what; nobody is asked where `required` is 0 */
  rules: UpgradeRules
  /** why it can't be carried out, in words */
  problem?: string
}

/** One thing that happened, once per run under its key. */
export interface DataEntry extends DataKey {
  key: string
  phase: DataStage
  kind: EventKind
  waitingFor?: string
  message: string
  by?: string
  verified?: boolean
  outcome?: Outcome
  /** epoch milliseconds: when the question expires */
  expiresAt?: number
}

/** `more`: it stopped at a safe point, and goes on there when it is called again. */
export interface BackfillVerdict extends StepVerdict {
  more?: true
}

/** Whether an upgrade leaves something for a data workflow. */
export interface DataLeft {
  start: boolean
}
