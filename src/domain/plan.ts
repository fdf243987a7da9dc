import type { Freeze, HealthCheck, MigrationSource, Mode, RolloutRules, WindowRule } from './policy'

export interface PlannedContainer {
  name: string
  init: boolean
  /** the image string in the template when the plan was made; the patch is guarded by it */
  from: string
  /** repository:tag@sha256:… */
  to: string
}

export interface PlannedWorkload {
  kind: 'Deployment'
  name: string
  uid: string
  containers: PlannedContainer[]
}

export interface MigrationFile {
  phase: 'expand' | 'backfill' | 'contract'
  name: string
  /** of the file's content */
  sha256: string
}

export type PlannedMigration =
  | (Extract<MigrationSource, { kind: 'job' }> & { image: string; /** workload and init or application container whose environment the Job copies */ like: { workload: string; container: string } })
  | (Extract<MigrationSource, { kind: 'knex' }> & { files: MigrationFile[] })

/** The frozen description of one upgrade. Everything that changes what would run is in here, so its hash binds an approval. */
export interface Plan {
  version: 1
  hub: { name: string; environment: string }
  service: { namespace: string; name: string; repository: string }
  from: { tag: string; digest: string | null }
  to: { tag: string; digest: string }
  /** in the order in which they are rolled */
  workloads: PlannedWorkload[]
  migrations: PlannedMigration[]
  policy: { name: string; mode: Mode; approval: { required: 0 | 1; expiresMs: number }; windows: WindowRule[]; freezes: Freeze[]; rollout: RolloutRules; health: HealthCheck[] }
  /** after expand an older migrating init container refuses the newer schema (facts/rollout.md §1c), so a rollback keeps it new */
  rollback: { initContainers: 'restore' | 'keep-new' }
}
