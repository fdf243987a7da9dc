import type { Knex } from 'knex'
import { migrations } from '../../migrations'
import { RefitError } from '../domain/errors'

const table = 'refit_schema'
const lockEveryMs = 250

type NamedMigration = (typeof migrations)[number]

const migrator: Knex.MigratorConfig = {
  tableName: table,
  migrationSource: {
    getMigrations: () => Promise.resolve([...migrations]),
    getMigrationName: ({ name }: NamedMigration) => name,
    getMigration: (migration: NamedMigration) => Promise.resolve(migration),
  },
}

/**
 * Brings the store's schema to this build's version. `db` has one connection only: the advisory lock and the statements
 * that it guards live and die together, so a second worker can't overlap the first. It is polled for, because a waiting
 * pg_advisory_lock would run into the statement timeout.
 */
export async function migrateStore(db: Knex): Promise<void> {
  while (!(await tryLock(db))) await new Promise((resolve) => setTimeout(resolve, lockEveryMs))
  if (await isNewer(db))
    throw new RefitError(
      'CONFIG_INVALID',
      'The schema of the store is newer than this build of Refit.',
      'Run the newer build, or give this one a store of its own.',
    )
  // Nothing is written where nothing is to do, so that a role which may not change tables can start.
  if ((await pendingMigrations(db)) === 0) return
  // knex's own lock is a row that stays behind when its owner is killed; under the advisory lock it is nobody's.
  await db.migrate.forceFreeMigrationsLock(migrator)
  await db.migrate.latest(migrator)
}

async function tryLock(db: Knex): Promise<boolean> {
  const { rows } = await db.raw<{ rows: { ok: boolean }[] }>(
    `select pg_try_advisory_lock(hashtextextended('refit/schema', 0)) as ok`,
  )
  return rows[0]?.ok ?? false
}

/** How many migrations of this build the database lacks. Reads only. */
export async function pendingMigrations(db: Knex): Promise<number> {
  const applied = await appliedMigrations(db)
  return migrations.filter(({ name }) => !applied.includes(name)).length
}

async function isNewer(db: Knex): Promise<boolean> {
  const known = new Set(migrations.map(({ name }) => name))
  return (await appliedMigrations(db)).some((name) => !known.has(name))
}

async function appliedMigrations(db: Knex): Promise<string[]> {
  if (!(await db.schema.hasTable(table))) return []
  return db<{ name: string }>(table).pluck('name')
}
