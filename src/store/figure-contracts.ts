import type { DataStage } from '../domain/data-status'
import type { DecisionKind } from '../domain/decision'
import type { Outcome, Phase } from '../domain/status'

/** How a hub stands, in numbers, all of one instant. What isn't there is left out rather than 0. Ages are seconds. */
export interface Figures {
  /** services by what the last scan says of them */
  decisions: Partial<Record<DecisionKind, number>>
  /** upgrades under way by phase */
  open: Partial<Record<Phase, number>>
  /** upgrades that ever ended, by their outcome */
  ended: Partial<Record<Outcome, number>>
  /** ended held, and not resolved yet */
  held: number
  /** upgrades that have waited for an approval for at least so many seconds, by that number */
  approvals: Record<string, number>
  /** of the one that waits longest; null when none does */
  oldestApproval: number | null
  scan: {
    /** epoch seconds of the end of the last scan, and of the last complete one; null before the first */
    lastAt: number | null
    lastCompleteAt: number | null
    lastSeconds: number | null
  }
  /** what is watched, by registry host */
  registries: { host: string; repositories: number; failing: number; doubted: number }[]
  /** what has not reached its target */
  outbox: { target: string; waiting: number; dead: number; oldest: number | null }[]
  quarantined: number
  freezes: { hub: number; namespaces: number }
  schedulesPaused: string[]
  /** data workflows under way by phase; `waiting`: those that wait for somebody or something */
  data: { phase: DataStage; running: number; waiting: number }[]
  /** services whose newest data workflow ended held */
  dataHeld: number
}

export interface FigureStore {
  /** `ages`: seconds, by which waiting approvals are counted */
  read(ages: readonly number[]): Promise<Figures>
}
