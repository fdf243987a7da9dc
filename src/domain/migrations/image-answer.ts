import { migrationDifference, type MigrationDifference } from './difference'
import { predictLatest, type AppliedMigrations, type Prediction } from './prediction'
import { rollbackAnswer, type RollbackAnswer, type RunsMigrations } from './rollback-answer'
import type { ImageMigrations } from './status'
import { steppingStones, type ReleaseMigrations, type SteppingStones } from './stepping-stones'

/** The releases between two images, where what is pending takes something away. */
export interface Between {
  path: SteppingStones
  /** how many of them were looked into */
  read: number
  /** how many there are */
  known: number
}

/** What the images, and the database where it could be read, say of an image's own migrations. */
export type ImageAnswer =
  | { kind: 'unknown'; why: string }
  | {
      kind: 'read'
      basis: 'database' | 'running image'
      /** undefined when the running image can't be read */
      difference?: MigrationDifference
      forwards: Prediction
      backwards?: RollbackAnswer
      between?: Between
      /** what else could not be read */
      unread?: string
    }

/** What of it stands in a plan: names only, and only what there is. */
export type PlannedImages =
  | { unknown: string }
  | {
      basis: 'database' | 'running image'
      added?: string[]
      removed?: string[]
      edited?: string[]
      outOfOrder?: string[]
      /** whether the old image starts on the newer schema */
      rollback?: RollbackAnswer['kind']
      unread?: string
    }

interface Question {
  to: ImageMigrations
  from?: ImageMigrations
  applied?: AppliedMigrations
  runs: RunsMigrations
  unread?: string
}

/** Reads as `refit migrations status` does: what knex would do on the way there, and on the way back. */
export function imageAnswer({ to, from, applied, runs, unread }: Question): ImageAnswer {
  const basis = applied ? 'database' : 'running image'
  const has: AppliedMigrations | undefined = applied ?? (from && { names: namesOf(from), locked: false })
  if (to.folder === null) return { kind: 'unknown', why: `no migrations were found in ${to.image}` }
  if (!has) return { kind: 'unknown', why: unread ?? 'neither the running image nor a database could be read' }
  return {
    kind: 'read',
    basis,
    ...(from ? { difference: migrationDifference(from.migrations, to.migrations) } : {}),
    forwards: predictLatest(namesOf(to), has, to.options),
    ...(from
      ? {
          backwards: rollbackAnswer({
            ...{ old: namesOf(from), new: namesOf(to), applied: has.names, options: from.options, runs },
          }),
        }
      : {}),
    ...(unread === undefined ? {} : { unread }),
  }
}

/** The way through the releases between, oldest first. `images` begin with the running one and end with the wanted one. */
export function wayThrough(
  images: readonly [ImageMigrations, ...ImageMigrations[]],
  known: number,
  applied?: AppliedMigrations,
): Between {
  const [first, ...others] = images
  const path = steppingStones({
    releases: [releaseOf(first), ...others.map(releaseOf)],
    ...(applied ? { applied: applied.names } : {}),
    options: (images.at(-1) ?? first).options,
  })
  return { path, read: images.length - 2, known }
}

const namesOf = ({ migrations }: ImageMigrations): string[] => migrations.map(({ name }) => name)

/** As a stepping stone; its contracts are what the text of its files says. */
export const releaseOf = (each: ImageMigrations): ReleaseMigrations => ({
  name: each.image,
  files: namesOf(each),
  contracts: each.migrations.filter(({ contract }) => contract).map(({ name }) => name),
})

/** Whether every answer says that the old image starts again by itself, without migrations of its own to run first. */
export const startsAgain = (answers: readonly (ImageAnswer | undefined)[]): boolean =>
  answers.length > 0 &&
  answers.every(
    (answer) => answer?.kind === 'read' && answer.backwards?.kind === 'starts' && answer.backwards.pending.length === 0,
  )
