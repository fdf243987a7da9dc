import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import knex, { type Knex } from 'knex'
import { RefitError } from '../domain/errors'
import { classifyMigrations, type MigrationPhase } from '../domain/migration'
import type { MigrationFile } from '../domain/plan'
import { clean } from '../domain/text'
import { databaseError } from '../store/guard'
import { namesIn } from './names-in'
import { silent } from './quiet-knex'

/**
 * Lists and hashes an operator's migration directory: `expand/`, `backfill/`, `contract/`, in knex's order (by name).
 * CONFIG_INVALID when there is none, or code in it that would never run.
 */
export async function listMigrationFiles(directory: string): Promise<MigrationFile[]> {
  const { files, problems } = classifyMigrations(await pathsIn(directory))
  if (problems.length > 0)
    throw new RefitError(
      'CONFIG_INVALID',
      `The migrations in ${directory} can't be used: ${problems.join('; ')}.`,
      'Put each as .js or .cjs, under a name of its own, into expand/, backfill/ or contract/.',
    )
  if (files.length === 0)
    throw new RefitError(
      'CONFIG_INVALID',
      `${directory} has no migration files in expand/, backfill/ or contract/.`,
      'Check migrations[].directory in refit.yaml.',
    )
  return Promise.all(
    files.map(async (file) => {
      const content = await readFile(join(directory, file.phase, file.name))
      return { ...file, sha256: createHash('sha256').update(content).digest('hex') }
    }),
  )
}

/** The two levels that matter. Not by a recursive readdir: it follows no links, and a mounted ConfigMap is made of them. */
async function pathsIn(directory: string): Promise<string[]> {
  const names = (await namesIn(directory, 'ENOENT')) ?? []
  const paths = names
    .filter((name) => !name.startsWith('.'))
    .map(async (name) => {
      const inside = await namesIn(join(directory, name), 'ENOTDIR')
      return inside?.map((each) => `${name}/${each}`) ?? [name]
    })
  return (await Promise.all(paths)).flat()
}

interface Run {
  url: string
  directory: string
  phase: MigrationPhase
  /** what the plan says of this phase; anything else on disk stops the run */
  files: MigrationFile[]
  /** whose list of applied files it is: several services may share one database */
  list: string
  heartbeat: (seen: string) => void
  signal?: AbortSignal
}

/**
 * Applies one phase's pending files, each alone, so that one with `transaction: false` can't take the others out of
 * theirs (facts: knex makes the whole batch non-transactional). Returns the names applied.
 *
 * The lease is a session lock on the only connection of the pool: lost together with the statements it guards, so a
 * second runner can never overlap the first. knex's own lock row has no owner and stays after a kill; under the lease it
 * belongs to nobody and is freed.
 */
export async function runMigrations({ url, directory, phase, files, list, heartbeat, signal }: Run): Promise<string[]> {
  await sameFiles(directory, phase, files)
  if (files.length === 0) return []
  const db = knex({
    client: 'pg',
    // Errors reach alerts: they must not carry the statement's values.
    compileSqlOnError: false,
    log: silent,
    connection: { connectionString: url, application_name: 'refit-migrations', connectionTimeoutMillis: 10_000 },
    pool: { min: 1, max: 1, idleTimeoutMillis: 3_600_000 },
  })
  try {
    const backend = await lease(db, heartbeat, signal)
    const config: Knex.MigratorConfig = {
      directory: join(directory, phase),
      tableName: listName(list, phase),
      loadExtensions: ['.js', '.cjs'],
    }
    forget(files.map(({ name }) => join(directory, phase, name)))
    await db.migrate.forceFreeMigrationsLock(config)
    const applied: string[] = []
    for (;;) {
      signal?.throwIfAborted()
      await sameBackend(db, backend)
      const [, names] = (await db.migrate.up(config)) as [number, string[]]
      const name = names[0]
      if (!name) return applied
      applied.push(name)
      heartbeat(`${phase}: applied ${name}`)
    }
  } catch (error) {
    throw signal?.aborted ? signal.reason : failureOf(error, phase)
  } finally {
    await db.destroy()
  }
}

/** knex loads files with a cached require: without this a corrected file would be approved and its old code run. */
function forget(paths: string[]): void {
  for (const path of paths) delete require.cache[resolve(path)]
}

/** A table name of at most 63 bytes that no other service's list has. */
export function listName(list: string, phase: MigrationPhase): string {
  const digest = createHash('sha256').update(list).digest('hex').slice(0, 8)
  return `refit_${list.replace(/[^a-z0-9]+/g, '_').slice(0, 30)}_${digest}_${phase}`
}

/** The pool opens a new connection when the leased one is lost; that one has neither the lock nor its timeout. */
async function sameBackend(db: Knex, leased: number): Promise<void> {
  if ((await backendOf(db)) === leased) return
  throw new RefitError('DATABASE_UNAVAILABLE', 'The connection of the migration run was lost.', 'It is tried again.')
}

async function backendOf(db: Knex): Promise<number> {
  const { rows } = await db.raw<{ rows: { pid: number }[] }>('select pg_backend_pid() as pid')
  return rows[0]?.pid ?? 0
}

/** Waits for the lock; returns the backend that holds it. */
async function lease(db: Knex, heartbeat: (seen: string) => void, signal?: AbortSignal): Promise<number> {
  for (;;) {
    const { rows } = await db.raw<{ rows: { ok: boolean }[] }>(
      `select pg_try_advisory_lock(hashtext('refit-migrations')) as ok`,
    )
    if (rows[0]?.ok) break
    heartbeat('waiting for another migration run on this database')
    await new Promise((resolve) => setTimeout(resolve, 500))
    signal?.throwIfAborted()
  }
  // A statement that waits longer for its lock would queue every query of the service behind it.
  await db.raw(`set lock_timeout = '5s'`)
  return backendOf(db)
}

async function sameFiles(directory: string, phase: MigrationPhase, planned: MigrationFile[]): Promise<void> {
  const now = (await listMigrationFiles(directory)).filter((file) => file.phase === phase)
  const differs =
    now.length !== planned.length ||
    now.some((file, index) => file.name !== planned[index]?.name || file.sha256 !== planned[index]?.sha256)
  if (differs)
    throw new RefitError(
      'MIGRATION_CHANGED',
      `The ${phase} files in ${directory} are not those of the approved plan.`,
      'Restore them, or run refit scan for a new plan and approve that.',
    )
}

function failureOf(error: unknown, phase: MigrationPhase): unknown {
  const known = databaseError(error, `the database of the ${phase} migration`)
  if (known instanceof RefitError) return known
  return new RefitError(
    'MIGRATION_FAILED',
    `${phase} migration failed: ${clean(error instanceof Error ? error.message : String(error), 500)}`,
    'Nothing was rolled out. Correct the migration and run refit scan.',
    { cause: error },
  )
}
