import { migrationDifference, type MigrationDifference } from '../../src/domain/migrations/difference'
import { knexDefaults, type ImageMigration, type KnexOptions } from '../../src/domain/migrations/knex-list'
import { predictLatest } from '../../src/domain/migrations/prediction'

/** What a move from one image to another means for the data, by their migrations alone. */
export interface PairClass {
  difference: MigrationDifference
  forwards: 'nothing' | 'migrates' | 'refused'
  /** the applied names that the new image has no file of */
  missingForwards: string[]
  /** the old image, once the new one has migrated */
  backwards: 'starts' | 'refused'
  missingBackwards: string[]
}

/** Of databases that have applied all of the old image's migrations and no others. Versions are no evidence and not looked at. */
export function classifyPair(
  before: readonly ImageMigration[],
  after: readonly ImageMigration[],
  options: KnexOptions = knexDefaults,
): PairClass {
  const old = before.map(({ name }) => name)
  const next = after.map(({ name }) => name)
  const forwards = predictLatest(next, { names: old, locked: false }, options)
  // By the new list alone: a removed file is no hindrance to the image that still has it.
  const backwards = predictLatest(old, { names: next, locked: false }, options)
  return {
    difference: migrationDifference(before, after),
    forwards: forwards.kind === 'refuses' ? 'refused' : forwards.pending.length > 0 ? 'migrates' : 'nothing',
    missingForwards: missingOf(forwards),
    backwards: backwards.kind === 'refuses' ? 'refused' : 'starts',
    missingBackwards: missingOf(backwards),
  }
}

const missingOf = (prediction: ReturnType<typeof predictLatest>): string[] =>
  prediction.kind === 'refuses' ? prediction.missing : []
