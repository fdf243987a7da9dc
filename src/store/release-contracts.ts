import type { ReleaseDefinition, ReleaseRules, ReleaseStep } from '../domain/release'
import type { ReleasePhase } from '../domain/release-status'
import type { Outcome, Phase } from '../domain/status'
import type { ServiceKey } from './rows'
import type { Page } from './view-contracts'

/** One attempt at a release. */
export interface ReleaseRow {
  /** `<definition>-<attempt>`: the idempotency key of everything that this release does */
  id: string
  name: string
  /** hash of the definition */
  definition: string
  /** over the plans of its services in their order; null until they are made */
  hash: string | null
  /** frozen with the plans; null until they are made */
  rules: ReleaseRules | null
  phase: ReleasePhase
  outcome: Outcome | null
  waitingFor: string
  message: string
  requestedBy: string
  requestedVerified: boolean
  approvedBy: string | null
  approvedAt: Date | null
  startedAt: Date
  endedAt: Date | null
}

/** What the release says to one of its upgrades. */
export type ReleaseVerdict = 'released' | 'undo'

/** One service of a release, with how far its upgrade is. */
export interface ReleaseServiceRow extends Omit<ReleaseStep, 'name'>, ServiceKey {
  /** in the order in which they go, from 0 */
  position: number
  upgradeId: string | null
  /** healthy through its bake; stays open until the release says how it ends */
  ready: boolean
  verdict: ReleaseVerdict | null
  /** the words of `undo` */
  because: string
  /** of its upgrade */
  phase: Phase | null
  outcome: Outcome | null
  message: string
}

export interface ReleaseEvent {
  releaseId: string
  at: Date
  phase: ReleasePhase
  kind: string
  by: string | null
  verified: boolean
  message: string
}

/** Releases, their services and what was recorded of them. */
export interface ReleaseStore {
  /** Insert-only under its hash (12 hex digits). Returns the hash. */
  define(definition: ReleaseDefinition): Promise<string>
  /** RELEASE_UNKNOWN when absent */
  definition(hash: string): Promise<ReleaseDefinition>
  /** The open release of this definition, or a new attempt. RELEASE_REFUSED while another is open. */
  open(release: { definition: string; name: string; by: string; verified: boolean }): Promise<ReleaseRow>
  /** Keeps the first plan of a release and its rules for ever; returns the release as it is kept. */
  plan(id: string, steps: ReleaseStep[], rules: ReleaseRules): Promise<ReleaseRow>
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
  /** newest first, after the release of this id. USAGE for an id that is none. */
  page(part: { limit: number; after?: string | undefined }): Promise<Page<ReleaseRow>>
  /** the newest release that opened this upgrade, by name */
  of(upgradeId: string): Promise<string | null>
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
