import { Context } from '@temporalio/activity'
import { runMigrations } from '../clients/knex-migrations'
import type { JobSpec, JobState, Kubernetes } from '../clients/contracts'
import { RefitError } from '../domain/errors'
import type { Plan, PlannedMigration } from '../domain/plan'
import type { StepVerdict, UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'
import { pause } from './failures'

const lookEveryMs = 500

/**
 * Runs one expand migration to its end, once: what is recorded as done is not run again, a Job that exists is found
 * again by its name, and a knex file that is applied is skipped by knex itself.
 */
export const migrate =
  (deps: Dependencies) =>
  async ({ upgradeId, planHash, index }: UpgradeKey & { index: number }): Promise<StepVerdict> => {
    const { store } = deps
    const plan = await store.plans.read(planHash)
    const migration = plan.migrations[index]
    if (!migration)
      throw new RefitError(
        'PLAN_CHANGED',
        `The plan has no migration number ${index}.`,
        'Run refit scan for a new plan.',
      )

    const key = `expand/${index}`
    const job = migration.kind === 'job' ? jobOf(plan, upgradeId, migration, index) : undefined
    const earlier = await store.upgrades.recorded(upgradeId, key)
    const verdict = earlier
      ? verdictOf(earlier.kind === 'migrated', earlier.message)
      : job
        ? await runJob(deps, upgradeId, key, job)
        : await runKnexPhase(deps, plan, migration as KnexMigration, 'expand')
    if (!earlier)
      await store.upgrades.record({
        upgradeId,
        key,
        phase: 'expand',
        kind: verdict.kind === 'healthy' ? 'migrated' : 'migration-failed',
        message: verdict.sentence,
      })
    // Only after the result is on record: a Job deleted before that would run again after a crash.
    if (job) await deps.kubernetes.deleteJob(job.namespace, job.name)
    return verdict
  }

type KnexMigration = Extract<PlannedMigration, { kind: 'knex' }>

const verdictOf = (done: boolean, sentence: string): StepVerdict =>
  done ? { kind: 'healthy', reason: 'migrated', sentence } : { kind: 'failed', reason: 'migration-failed', sentence }

async function runJob(
  { kubernetes, store }: Dependencies,
  upgradeId: string,
  step: string,
  job: JobSpec,
): Promise<StepVerdict> {
  await kubernetes.startJob(job)
  const state = await watchJob(kubernetes, job)
  const log = await kubernetes.jobLogs(job.namespace, job.name)
  await store.jobLogs.save(upgradeId, step, log)
  if (state.kind === 'succeeded') return verdictOf(true, `${job.command.join(' ')} succeeded`)
  const last = log.trim().split('\n').slice(-3).join(' | ').slice(0, 500)
  return verdictOf(false, `migration Job ${job.name} failed (${state.reason})${last ? `: ${last}` : ''}`)
}

async function watchJob(
  kubernetes: Kubernetes,
  job: JobSpec,
): Promise<Extract<JobState, { kind: 'succeeded' | 'failed' }>> {
  for (;;) {
    const state = await kubernetes.jobState(job.namespace, job.name)
    if (state.kind === 'succeeded' || state.kind === 'failed') return state
    // Deleted by somebody while it ran: nobody can tell how far it came, and a Job is not restarted in place.
    if (state.kind === 'absent') return { kind: 'failed', reason: 'deleted by somebody while it ran' }
    Context.current().heartbeat({
      seen: `Job ${job.name} has been running for ${Math.round((Date.now() - state.since) / 1000)} s`,
    })
    await pause(lookEveryMs)
  }
}

/** Runs the files of one phase of an operator's directory, one by one. Throws MIGRATION_CHANGED when a file is not the planned one. */
export async function runKnexPhase(
  { environment }: Dependencies,
  plan: Plan,
  migration: KnexMigration,
  phase: 'expand' | 'backfill' | 'contract',
): Promise<StepVerdict> {
  const url = environment[migration.database]
  if (!url)
    throw new RefitError(
      'CONFIG_INVALID',
      `The environment variable ${migration.database} is empty.`,
      `Set it for the worker: the migrations of ${plan.service.name} need it.`,
    )
  const files = migration.files.filter((file) => file.phase === phase)
  const heartbeat = (seen: string): void => Context.current().heartbeat({ seen })
  try {
    const applied = await runMigrations({
      url,
      directory: migration.directory,
      phase,
      files,
      heartbeat,
      signal: Context.current().cancellationSignal,
    })
    return verdictOf(true, applied.length > 0 ? `applied ${applied.join(', ')}` : `${phase}: nothing was pending`)
  } catch (error) {
    if (error instanceof RefitError && error.code === 'MIGRATION_FAILED') return verdictOf(false, error.message)
    throw error
  }
}

/** The Job's name carries the upgrade and the step, so that a retry finds it again. */
function jobOf(
  plan: Plan,
  upgradeId: string,
  migration: Extract<PlannedMigration, { kind: 'job' }>,
  index: number,
): JobSpec {
  return {
    namespace: plan.service.namespace,
    name: `refit-${plan.service.name.slice(0, 30)}-${upgradeId}-${index}`.toLowerCase(),
    image: migration.image,
    command: migration.command,
    deadlineMs: migration.deadlineMs,
    like: migration.like,
    labels: { 'refit.dev/upgrade': upgradeId, 'refit.dev/service': plan.service.name.slice(0, 63) },
  }
}
