/** What the server answers, as it is in JSON. */
import type { Diagnosis } from '../../../src/domain/diagnosis'
import type { Scope } from '../../../src/domain/people'
import type { Plan } from '../../../src/domain/plan'
import type { DataRow } from '../../../src/store/data-contracts'
import type { ReleaseEvent, ReleaseRow, ReleaseServiceRow } from '../../../src/store/release-contracts'
import type * as rows from '../../../src/store/rows'
import type * as status from '../../../src/operations/status'

/** Dates travel as ISO strings. */
export type Json<T> = T extends Date
  ? string
  : T extends readonly (infer Each)[]
    ? Json<Each>[]
    : T extends object
      ? { [Key in keyof T]: Json<T[Key]> }
      : T

export interface Session {
  hub: { name: string; environment: string }
  version: string
  oidc: boolean
  insecureLocal: boolean
  temporalUi: string | null
  person: { name: string; groups: string[]; scope: Scope; via: 'token' | 'oidc' | 'local' } | null
  csrf: string | null
}

export type HubStatus = Json<status.HubStatus>
export type ServiceStatus = Json<status.ServiceStatus>
export type UpgradeRow = Json<rows.UpgradeRow>
export type UpgradeEvent = Json<rows.UpgradeEvent>
export type FreezeRow = Json<rows.FreezeRow>
export type QuarantineRow = Json<rows.QuarantineRow>
export type { Diagnosis, Plan, Scope }

/** One look at a workload while it was watched. */
export interface Sample {
  at: string
  workload: string
  desired: number
  /** new pods that are ready */
  ready: number
  /** new pods */
  updated: number
  /** pods that serve, old and new */
  available: number
  restarts: number
  healthy: boolean | null
}

/** Who must say yes, and who has. */
export interface ApprovalShown {
  required: number
  groups: string[]
  verifiedOnly: boolean
  changeReference: { required: boolean; pattern: string | null } | null
  /** the group that may start at once */
  emergency: string | null
  approvals: { by: string; verified: boolean; via: string | null; reason: string; at: string }[]
  requestedBy: string | null
  ticket: string | null
}

export interface PlanShown {
  hash: string
  lines: string[]
  body: Plan
}

export interface UpgradePage {
  upgrade: UpgradeRow
  events: UpgradeEvent[]
  diagnoses: Diagnosis[]
  plan: PlanShown | null
  approval: ApprovalShown | null
  samples: Sample[]
  release: string | null
  temporal: { workflowId: string; url: string | null }
  held: { commands: string[]; page: string } | null
}

export interface UpgradeList {
  upgrades: UpgradeRow[]
  next: string | null
}

export interface JobLog {
  step: string
  log: string
  at: string
}

export type ServicePage = Json<status.ServiceDetail> & { plan: { hash: string; lines: string[] } | null }

export type ReleaseRowShown = Json<ReleaseRow>
export type ReleaseMember = Json<ReleaseServiceRow>
export interface ReleasePage {
  release: ReleaseRowShown
  /** in the order in which they go */
  waves: ReleaseMember[][]
  events: Json<ReleaseEvent>[]
  temporal: { workflowId: string; url: string | null }
}
export interface ReleaseList {
  releases: ReleaseRowShown[]
}

export interface CalendarPage {
  openings: { policy: string; namespaces: string[]; from: string; to: string | null; timeZone: string }[]
  freezes: {
    source: 'policy' | 'switch'
    policy: string | null
    namespace: string | null
    from: string
    to: string | null
    reason: string
    by: string | null
  }[]
}

export interface RegistryHost {
  host: string
  repositories: number
  failing: { repository: string; code: string; message: string; at: string }[]
  /** repositories whose list can't be trusted */
  doubted: string[]
  lastReadAt: string | null
}

export type DataRun = Json<DataRow>

export interface ScheduleShown {
  id: string
  state: 'active' | 'paused' | 'missing'
  note: string
  nextRuns: string[]
}

export interface Explanation {
  tags: { tag: string; verdict: string; reason: string }[]
}

export interface DataPage {
  progress: { file: string; state: string; scanned?: number; changed?: number; estimatedTotal?: number }[]
}
