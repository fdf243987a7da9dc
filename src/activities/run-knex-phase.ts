import { urlIn } from '../clients/database-url'
import { hostname } from 'node:os'
import { Context } from '@temporalio/activity'
import { helpersHash, runMigrations } from '../clients/knex-migrations'
import type { MigrationRun } from '../clients/migrations/run-contract'
import { RefitError, sentenceOf } from '../domain/errors'
import type { MigrationPhase } from '../domain/migration'
import type { Plan, KnexMigration } from '../domain/plan'
import { withHeartbeat } from './beat'
import type { StepVerdict } from './contracts'
import type { Dependencies } from './dependencies'
import { migrationVerdict } from './migration-verdict'

/** Runs the files of one phase of an operator's directory, one by one. Throws MIGRATION_CHANGED when a file is not the planned one. */
export async function runKnexPhase(
  deps: Pick<Dependencies, 'environment'>,
  plan: Plan,
  migration: KnexMigration,
  phase: MigrationPhase,
): Promise<StepVerdict> {
  const url = databaseOf(deps, plan, migration)
  if (migration.helpers !== undefined && (await helpersHash(migration.directory)) !== migration.helpers)
    throw new RefitError(
      'MIGRATION_CHANGED',
      `Code that the migrations in ${migration.directory} load is not that of the approved plan.`,
      'Restore it, or run refit scan for a new plan and approve that.',
    )
  const files = migration.files.filter((file) => file.phase === phase)
  const progress = { seen: `${phase}: starting` }
  const heartbeat = (seen: string): void => {
    progress.seen = seen
  }
  const { namespace, name } = plan.service
  try {
    const { applied } = await withHeartbeat(
      () => progress,
      () =>
        runMigrations({
          url,
          directory: migration.directory,
          phase,
          files,
          list: `${namespace}_${name}`,
          rehearsed: rehearsedOf(migration),
          overrides: migration.overrides,
          owner: `upgrade of ${namespace}/${name} (${hostname()})`,
          heartbeat,
          ...stopping(phase),
        }),
    )
    return migrationVerdict(
      true,
      applied.length > 0 ? `applied ${applied.join(', ')}` : `${phase}: nothing was pending`,
    )
  } catch (error) {
    if (error instanceof RefitError && error.code === 'MIGRATION_FAILED') return migrationVerdict(false, error.message)
    // What is half done is neither the old schema nor the new one: a person looks, and nothing is put back.
    if (error instanceof RefitError && error.code === 'MIGRATION_DIRTY')
      return { kind: 'unknown', reason: 'migration-dirty', sentence: sentenceOf(error) }
    throw error
  }
}

/** A file of a backfill that runs when somebody pauses or aborts gets this long to end by itself. */
const graceMs = 60_000

/** What an abort of expand cuts off is put back at once; backfill and contract stop between files where they can. */
function stopping(phase: MigrationPhase): Pick<MigrationRun, 'signal' | 'stop'> {
  const stop = Context.current().cancellationSignal
  if (phase === 'expand') return { signal: stop }
  const cut = new AbortController()
  const context = Context.current()
  const cutOff = (): void => {
    // The end of a contract's file is waited for; only a worker that stops, or was given up, doesn't.
    if (phase === 'contract' && context.cancellationDetails?.cancelRequested) return
    setTimeout(() => cut.abort(stop.reason), graceMs).unref()
  }
  stop.addEventListener('abort', cutOff, { once: true })
  return { stop, signal: cut.signal }
}

/** By path; none where the plan has no rehearsal. */
const rehearsedOf = ({ rehearsal }: KnexMigration): MigrationRun['rehearsed'] =>
  rehearsal && Object.fromEntries(rehearsal.files.map(({ path, ...fingerprints }) => [path, fingerprints]))

/** The URL of the database that a migration names. CONFIG_INVALID when the worker doesn't know it. */
export function databaseOf(
  { environment }: Pick<Dependencies, 'environment'>,
  plan: Plan,
  { database }: KnexMigration,
): string {
  const url = urlIn(environment, database)
  if (url) return url
  throw new RefitError(
    'CONFIG_INVALID',
    `The environment variable ${database} is empty.`,
    `Set it for the worker: the migrations of ${plan.service.name} need it.`,
  )
}
