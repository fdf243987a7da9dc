import type { DataStage } from '../domain/data-status'
import type { Plan } from '../domain/plan'
import type { Outcome } from '../domain/status'
import type { Addressed } from './contracts'
import type { ServiceKey } from './rows'

/** One attempt at the backfill and contract of an upgrade. */
export interface DataRow extends ServiceKey {
  /** `<upgradeId>/data/<attempt>`: what votes on it are bound to */
  id: string
  upgradeId: string
  planHash: string
  toTag: string
  phase: DataStage
  outcome: Outcome | null
  waitingFor: string
  message: string
  startedAt: Date
  endedAt: Date | null
}

/** Where data workflows stand; what happened in them are events of their upgrades. */
export interface DataStore {
  /**
   * The open run of this upgrade, or a new attempt. One of another upgrade of the service whose workflow is gone ends as
   * `held`: who opens one has the service's workflow id, so that no other runs.
   */
  open(plan: Plan, key: { upgradeId: string; planHash: string }): Promise<DataRow>
  /** Sets phase, waitingFor and message, and appends the event once per (run, key). */
  record(entry: {
    dataId: string
    key: string
    phase: DataStage
    kind: string
    waitingFor?: string
    message: string
    by?: string
    verified?: boolean
    outcome?: Outcome
    tell?: Addressed
  }): Promise<void>
  read(id: string): Promise<DataRow | undefined>
  /** the open one of a service, else the newest */
  latest(key: ServiceKey): Promise<DataRow | undefined>
  /** the newest of each service, by service */
  list(): Promise<DataRow[]>
  listOpen(): Promise<DataRow[]>
  /** the newest that succeeded */
  lastSucceeded(key: ServiceKey): Promise<DataRow | undefined>
}
