import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import knex, { type Knex } from 'knex'
import { RefitError } from '../domain/errors'
import type { MigrationFile } from '../domain/plan'

const phases = ['expand', 'backfill', 'contract'] as const
const fileName = /\.(c?js|ts)$/

/** Lists and hashes an operator's migration directory: `expand/`, `backfill/`, `contract/`, in knex's order (by name). */
export async function listMigrationFiles(directory: string): Promise<MigrationFile[]> {
  const files: MigrationFile[] = []
  for (const phase of phases) {
    for (const name of await namesIn(join(directory, phase))) {
      const content = await readFile(join(directory, phase, name))
      files.push({ phase, name, sha256: createHash('sha256').update(content).digest('hex') })
    }
  }
  if (files.length === 0)
    throw new RefitError(
      'CONFIG_INVALID',
      `${directory} has no migration files in expand/, backfill/ or contract/.`,
      'Check migrations[].directory in refit.yaml.',
    )
  return files
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => fileName.test(name)).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

interface Run {
  url: string
  directory: string
  phase: MigrationFile['phase']
  /** what the plan says of this phase; anything else on disk stops the run */
  files: MigrationFile[]
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
export async function runMigrations({ url, directory, phase, files, heartbeat, signal }: Run): Promise<string[]> {
  await sameFiles(directory, phase, files)
  if (files.length === 0) return []
  const db = knex({
    client: 'pg',
    connection: { connectionString: url, application_name: 'refit-migrations', connectionTimeoutMillis: 10_000 },
    pool: { min: 1, max: 1, idleTimeoutMillis: 3_600_000 },
  })
  const beat = setInterval(() => heartbeat(`${phase}: running`), 2_000)
  try {
    await lease(db, heartbeat, signal)
    const config: Knex.MigratorConfig = {
      directory: join(directory, phase),
      tableName: `refit_${phase}`,
      loadExtensions: ['.js', '.cjs', '.ts'],
    }
    await db.migrate.forceFreeMigrationsLock(config)
    const applied: string[] = []
    for (;;) {
      signal?.throwIfAborted()
      const [, names] = (await db.migrate.up(config)) as [number, string[]]
      const name = names[0]
      if (!name) return applied
      applied.push(name)
      heartbeat(`${phase}: applied ${name}`)
    }
  } catch (error) {
    throw failureOf(error, phase)
  } finally {
    clearInterval(beat)
    await db.destroy()
  }
}

async function lease(db: Knex, heartbeat: (seen: string) => void, signal?: AbortSignal): Promise<void> {
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
}

async function sameFiles(directory: string, phase: MigrationFile['phase'], planned: MigrationFile[]): Promise<void> {
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

function failureOf(error: unknown, phase: string): unknown {
  if (error instanceof RefitError || (error instanceof Error && error.name === 'AbortError')) return error
  const { code, message } = error as { code?: string; message: string }
  if (code && /^(ECONN|ENOTFOUND|ETIMEDOUT|57P0|08|53300)/.test(code))
    return new RefitError(
      'DATABASE_UNAVAILABLE',
      `The database of the ${phase} migration can't be reached (${code}).`,
      'It is tried again.',
    )
  return new RefitError(
    'MIGRATION_FAILED',
    `${phase} migration failed: ${message}`,
    'Nothing was rolled out. Correct the migration and run refit scan.',
    { cause: error },
  )
}
