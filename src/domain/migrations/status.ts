import type { MigrationDifference } from './difference'
import type { ImageMigration, KnexOptions } from './knex-list'
import type { KnexfileHints } from './knexfile'
import type { AppliedMigrations, Prediction } from './prediction'
import type { RollbackAnswer } from './rollback-answer'
import type { SteppingStones } from './stepping-stones'

/** The migrations of one image, and where in it they were found. */
export interface ImageMigrations {
  image: string
  digest: string
  /** absolute; null when the image has none */
  folder: string | null
  /** why this folder */
  why: string
  /** other folders that could be meant */
  others: string[]
  /** in knex's order */
  migrations: ImageMigration[]
  /** as far as its knexfile tells */
  options: KnexOptions
  /** absolute; null when there is none that fits */
  knexfile: string | null
}

/** What was read of an image. */
export interface ImageRead {
  shown: ImageMigrations
  /** of the knexfile that goes with the folder */
  hints?: KnexfileHints | undefined
}

/** What a database has applied; `variable` is the name of the environment variable with its address. */
export interface DatabaseMigrations extends AppliedMigrations {
  variable: string
  engine: string
  /** null: it has no list, so nothing was ever applied */
  table: string | null
}

/** What `refit migrations status -o json` prints. */
export interface MigrationsStatus {
  image: ImageMigrations
  from: ImageMigrations | null
  difference: MigrationDifference | null
  database: DatabaseMigrations | null
  /** what the prediction is made from; null when neither a database nor a running image was named */
  basis: 'database' | 'running image' | null
  forwards: Prediction | null
  backwards: RollbackAnswer | null
  path: SteppingStones | null
  findings: Finding[]
}

export interface Finding {
  level: 'refused' | 'warning' | 'note'
  says: string
  next: string
}
