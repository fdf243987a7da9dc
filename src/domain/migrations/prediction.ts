import { knexDefaults, type KnexOptions } from './knex-list'

/** What the knex tables of a database say. */
export interface AppliedMigrations {
  /** in the order in which they were applied */
  names: readonly string[]
  /** somebody runs migrations, or was killed while they did */
  locked: boolean
}

/** What `knex migrate:latest` (3.x) does with the files of an image on a database. */
export type Prediction =
  /** applies these, in this order; none: it starts and changes nothing */
  | { kind: 'applies'; pending: string[] }
  /** throws before it touches anything; `says` is its message, word for word */
  | { kind: 'refuses'; why: 'missing' | 'locked'; missing: string[]; says: string }

const saysLocked = 'Migration table is already locked'

/**
 * The rules of knex 3.x: applied names that have no file are refused unless the validation is disabled, then a lock that
 * is held, even with nothing pending. Content is never looked at. `files` are names in knex's order.
 */
export function predictLatest(
  files: readonly string[],
  applied: AppliedMigrations,
  { disableMigrationsListValidation }: Pick<KnexOptions, 'disableMigrationsListValidation'> = knexDefaults,
): Prediction {
  const missing = disableMigrationsListValidation ? [] : missingFrom(files, applied.names)
  if (missing.length > 0) return { kind: 'refuses', why: 'missing', missing, says: saysMissing(missing) }
  if (applied.locked) return { kind: 'refuses', why: 'locked', missing: [], says: saysLocked }
  const done = new Set(applied.names)
  return { kind: 'applies', pending: files.filter((name) => !done.has(name)) }
}

/** What is applied once `latest` has run with these files. */
export function afterLatest(applied: readonly string[], files: readonly string[]): string[] {
  const done = new Set(applied)
  return [...applied, ...files.filter((name) => !done.has(name))]
}

function missingFrom(files: readonly string[], applied: readonly string[]): string[] {
  const known = new Set(files)
  return applied.filter((name) => !known.has(name))
}

const saysMissing = (missing: readonly string[]): string =>
  `The migration directory is corrupt, the following files are missing: ${missing.join(', ')}`
