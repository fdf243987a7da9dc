/** What the server answers, as it is in JSON: the types of what its routes serve. */
import type { z } from 'zod'
import type { sessionAnswer } from '../../../src/api/session-schemas'
import type { Diagnosis } from '../../../src/domain/diagnosis'
import type { Scope } from '../../../src/domain/people'
import type * as alerts from '../../../src/operations/alerts'
import type { Calendar } from '../../../src/operations/calendar'
import type { DataDetail } from '../../../src/operations/data'
import type * as explain from '../../../src/operations/explain'
import type { RegistryHealth } from '../../../src/operations/registries'
import type { ReleaseGraph } from '../../../src/operations/releases'
import type * as status from '../../../src/operations/status'
import type { ScheduleInfo } from '../../../src/operations/temporal-schedules'
import type { UpgradeDetail } from '../../../src/operations/upgrades'
import type * as rows from '../../../src/store/contracts'

/** Dates travel as ISO strings. */
export type Json<T> = T extends Date
  ? string
  : T extends readonly (infer Each)[]
    ? Json<Each>[]
    : T extends object
      ? { [Key in keyof T]: Json<T[Key]> }
      : T

export type Session = z.output<typeof sessionAnswer>
export type { Diagnosis, Scope }
export type HubStatus = Json<status.HubStatus>
export type ServiceStatus = Json<status.ServiceStatus>
export type ServicePage = Json<status.ServiceDetail> & { plan: { hash: string; lines: string[] } | null }
export type UpgradeRow = Json<rows.UpgradeRow>
export type UpgradeEvent = Json<rows.UpgradeEvent>
export type FreezeRow = Json<rows.FreezeRow>
export type QuarantineRow = Json<rows.QuarantineRow>

export type UpgradePage = Json<UpgradeDetail>
export type Sample = UpgradePage['samples'][number]
export type ApprovalShown = NonNullable<UpgradePage['approval']>
export interface UpgradeList {
  upgrades: UpgradeRow[]
  next: string | null
}
export interface JobLog {
  step: string
  log: string
  at: string
}

export type ReleasePage = Json<ReleaseGraph>
export type ReleaseMember = ReleasePage['waves'][number][number]
export interface ReleaseList {
  releases: ReleasePage['release'][]
  next: string | null
}

export type CalendarPage = Json<Calendar>
export type RegistryHost = Json<RegistryHealth>
export type DataRun = Json<rows.DataRow>
export type DataPage = Json<DataDetail>
export type ScheduleShown = Json<ScheduleInfo>
export type AlertsShown = Json<Pick<alerts.Alerts, 'targets'>>
export type Explanation = Json<explain.Explanation>
