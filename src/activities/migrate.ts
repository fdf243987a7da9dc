import { Context } from '@temporalio/activity'
import { runMigrations } from '../clients/knex-migrations'
import type { JobSpec, JobState, Kubernetes } from '../clients/contracts'
import { RefitError } from '../domain/errors'
import type { MigrationPhase } from '../domain/migration'
import type { Plan, PlannedMigration } from '../domain/plan'
import type { StepVerdict, UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'
import { withHeartbeat } from './beat'
import { pause } from './failures'
import { assertStillOpen } from './still-open'
import type { Store } from '../store/contracts'

const lookEveryMs = 500

/**
 * Runs one expand migration to its end, once: what is recorded as done is not run again, a Job that exists is found
 * again by its name, and a knex file that is applied is skipped by knex itself.
 */
export const migrate =
  (deps: Dependencies) =>
  async ({ upgradeId, planHash, index }: UpgradeKey & { index: number }): Promise<StepVerdict> => {
    const { store, kubernetes } = deps
    const plan = await store.plans.read(planHash)
    await assertStillOpen(store, upgradeId)
    const migration = plan.migrations[index]
    if (!migration)
      throw new RefitError(
        'PLAN_CHANGED',
        `The plan has no migration number ${index}.`,
        'Run refit scan for a new plan.',
      )
    const key = `expand/${index}`
    if (migration.kind === 'knex')
      return settled(store, upgradeId, key, () => runKnexPhase(deps, plan, migration, 'expand'))

    const job = jobOf(plan, upgradeId, migration, index)
    const verdict = await settled(store, upgradeId, key, () => runJob(deps, upgradeId, key, job))
    // Only after the result is on record: a Job deleted before that would run again after a crash.
    await kubernetes.deleteJob(job.namespace, job.name)
    return verdict
  }

/** The verdict on record under `key`, or that of `run`, recorded. What two attempts saw differently, the record decides. */
async function settled(
  store: Store,
  upgradeId: string,
  key: string,
  run: () => Promise<StepVerdict>,
): Promise<StepVerdict> {
  const onRecord = async (): Promise<StepVerdict | undefined> => {
    const event = await store.upgrades.recorded(upgradeId, key)
    return event && verdictOf(event.kind === 'migrated', event.message)
  }
  const earlier = await onRecord()
  if (earlier) return earlier
  const verdict = await run()
  // Nobody can tell: left open, so that the next attempt or a person looks again.
  if (verdict.kind === 'unknown') return (await onRecord()) ?? verdict
  const kind = verdict.kind === 'healthy' ? 'migrated' : 'migration-failed'
  await store.upgrades.record({ upgradeId, key, phase: 'expand', kind, message: verdict.sentence })
  return (await onRecord()) ?? verdict
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
  const started = await store.upgrades.recorded(upgradeId, `${step}/started`)
  const progress = { seen: `starting Job ${job.name}` }
  return withHeartbeat(
    () => progress,
    async () => {
      // A Job that was started once and is gone has run who knows how far: it is not started a second time.
      if (started && (await kubernetes.jobState(job.namespace, job.name)).kind === 'absent') return vanished(job)
      await kubernetes.startJob(job)
      const message = `started Job ${job.name}`
      await store.upgrades.record({ upgradeId, key: `${step}/started`, phase: 'expand', kind: 'started', message })
      const state = await watchJob(kubernetes, job, progress)
      if (state.kind === 'absent') return vanished(job)
      await store.jobLogs.save(upgradeId, step, await kubernetes.jobLogs(job.namespace, job.name))
      if (state.kind === 'succeeded') return verdictOf(true, `${job.command.join(' ')} succeeded`)
      // The log itself stays in the store: it may hold what must not reach an alert.
      return verdictOf(
        false,
        `migration Job ${job.name} failed (${state.reason}); see refit history --upgrade ${upgradeId} --logs`,
      )
    },
  )
}

const vanished = (job: JobSpec): StepVerdict => ({
  kind: 'unknown',
  reason: 'job-vanished',
  sentence: `migration Job ${job.name} was deleted before its result was read; look how far it came in the database`,
})

/** Follows the Job to its end. An abort stops it first: no migration goes on writing under an upgrade that has ended. */
async function watchJob(
  kubernetes: Kubernetes,
  job: JobSpec,
  progress: { seen: string },
): Promise<Exclude<JobState, { kind: 'running' }>> {
  try {
    for (;;) {
      const state = await kubernetes.jobState(job.namespace, job.name)
      if (state.kind !== 'running') return state
      progress.seen = `Job ${job.name} has been running for ${Math.round((Date.now() - state.since) / 1000)} s`
      await pause(lookEveryMs)
    }
  } catch (error) {
    if (Context.current().cancellationDetails?.cancelRequested) await kubernetes.deleteJob(job.namespace, job.name)
    throw error
  }
}

/** Runs the files of one phase of an operator's directory, one by one. Throws MIGRATION_CHANGED when a file is not the planned one. */
export async function runKnexPhase(
  { environment }: Dependencies,
  plan: Plan,
  migration: KnexMigration,
  phase: MigrationPhase,
): Promise<StepVerdict> {
  const url = environment[migration.database]
  if (!url)
    throw new RefitError(
      'CONFIG_INVALID',
      `The environment variable ${migration.database} is empty.`,
      `Set it for the worker: the migrations of ${plan.service.name} need it.`,
    )
  const files = migration.files.filter((file) => file.phase === phase)
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
