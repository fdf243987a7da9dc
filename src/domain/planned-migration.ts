import type { PlannedImages } from './migrations/image-answer'
import type { JobRehearsal } from './migrations/job-rehearsal'
import type { PlannedRehearsal } from './migrations/planned-rehearsal'
import type { JobSource, KnexSource } from './policy'
import type { WorkloadKind } from './service'

export interface MigrationFile {
  phase: 'expand' | 'backfill' | 'contract'
  name: string
  /** of the file's content */
  sha256: string
}

export type { PlannedRehearsal }

export type JobMigration = JobSource & {
  image: string
  /** workload and init or application container whose environment the Job copies; `kind` absent: Deployment */
  like: { kind?: WorkloadKind; workload: string; container: string }
  /** names that knex will apply, as far as the images and the database tell */
  pending?: string[]
  /** absent in plans that were made when nobody looked */
  images?: PlannedImages
  rehearsal?: JobRehearsal
}

export type KnexMigration = KnexSource & {
  files: MigrationFile[]
  /** hash of the code in folders below the phases', which the files may load; absent where there is none */
  helpers?: string
  rehearsal?: PlannedRehearsal
}

/** One source of migrations in a plan. */
export type PlannedMigration = JobMigration | KnexMigration
