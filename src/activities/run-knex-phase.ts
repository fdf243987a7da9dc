import { Context } from '@temporalio/activity'
import { runMigrations } from '../clients/knex-migrations'
import { RefitError } from '../domain/errors'
import { isDeclared, type MigrationPhase } from '../domain/migration'
import type { Plan, PlannedMigration } from '../domain/plan'
import { withHeartbeat } from './beat'
import type { StepVerdict } from './contracts'
import type { Dependencies } from './dependencies'
import { migrationVerdict } from './migration-verdict'

type KnexMigration = Extract<PlannedMigration, { kind: 'knex' }>

/** Runs the files of one phase of an operator's directory, one by one. Throws MIGRATION_CHANGED when a file is not the planned one. */
export async function runKnexPhase(
  deps: Pick<Dependencies, 'environment'>,
  plan: Plan,
  migration: KnexMigration,
  phase: MigrationPhase,
): Promise<StepVerdict> {
  const url = databaseOf(deps, plan, migration)
  const files = migration.files.filter((file) => file.phase === phase && !isDeclared(file.name))
  const progress = { seen: `${phase}: starting` }
  const heartbeat = (seen: string): void => {
    progress.seen = seen
  }
  const { namespace, name } = plan.service
  try {
    const applied = await withHeartbeat(
      () => progress,
      () =>
        runMigrations({
          url,
          directory: migration.directory,
          phase,
          files,
          list: `${namespace}_${name}`,
          heartbeat,
          signal: Context.current().cancellationSignal,
        }),
    )
    return migrationVerdict(
      true,
      applied.length > 0 ? `applied ${applied.join(', ')}` : `${phase}: nothing was pending`,
    )
  } catch (error) {
    if (error instanceof RefitError && error.code === 'MIGRATION_FAILED') return migrationVerdict(false, error.message)
    throw error
  }
}

/** The URL of the database that a migration names. CONFIG_INVALID when the worker doesn't know it. */
export function databaseOf(
  { environment }: Pick<Dependencies, 'environment'>,
  plan: Plan,
  { database }: KnexMigration,
): string {
  const url = environment[database]
  if (url) return url
  throw new RefitError(
    'CONFIG_INVALID',
    `The environment variable ${database} is empty.`,
    `Set it for the worker: the migrations of ${plan.service.name} need it.`,
  )
}
