import { Context } from '@temporalio/activity'
import type { JobSpec, JobState, Kubernetes } from '../clients/contracts'
import { type EventKind, stepKeys } from '../domain/event'
import type { Plan, JobMigration } from '../domain/plan'
import { labelKeys } from '../domain/service'
import { withHeartbeat } from './beat'
import type { StepVerdict } from './contracts'
import type { Dependencies } from './dependencies'
import { pause } from './failures'
import { contradicted, lockLeft } from './job-applied'
import { migrationVerdict } from './migration-verdict'

const lookEveryMs = 500

/** The Job's name carries the upgrade and the step, so that a retry finds it again. */
export function jobOf(plan: Plan, upgradeId: string, migration: JobMigration, index: number): JobSpec {
  return {
    namespace: plan.service.namespace,
    name: `refit-${plan.service.name.slice(0, 30)}-${upgradeId}-${index}`.toLowerCase(),
    image: migration.image,
    command: migration.command,
    deadlineMs: migration.deadlineMs,
    like: migration.like,
    labels: { [labelKeys.upgrade]: upgradeId, [labelKeys.service]: plan.service.name.slice(0, 63) },
  }
}

/** Runs the Job to its end, or goes on watching the one that an earlier attempt started. */
export async function runJob(
  deps: Dependencies,
  upgradeId: string,
  step: string,
  job: JobSpec,
  migration: JobMigration,
): Promise<StepVerdict> {
  const { kubernetes, store } = deps
  const key = stepKeys.started(step)
  const started = await store.upgrades.recorded(upgradeId, key)
  const progress = { seen: `starting Job ${job.name}` }
  return withHeartbeat(
    () => progress,
    async () => {
      // A Job that was started once and is gone has run who knows how far: it is not started a second time.
      if (started && (await kubernetes.jobState(job.namespace, job.name)).kind === 'absent') return vanished(job)
      await kubernetes.startJob(job)
      const message = `started Job ${job.name}`
      const kind = 'started' satisfies EventKind
      await store.upgrades.record({ upgradeId, key, phase: 'expand', kind, message })
      const state = await watchJob(kubernetes, job, progress)
      if (state.kind === 'absent') return vanished(job)
      if (state.kind === 'failed' && state.isLost) return lost(job)
      await store.jobLogs.save(upgradeId, step, await kubernetes.jobLogs(job.namespace, job.name))
      if (state.kind === 'succeeded')
        return (await contradicted(deps, migration)) ?? migrationVerdict(true, `${job.command.join(' ')} succeeded`)
      // The log itself stays in the store: it may hold what must not reach an alert.
      return migrationVerdict(
        false,
        `migration Job ${job.name} failed (${state.reason}); see refit history --upgrade ${upgradeId} --logs${await lockLeft(deps, migration)}`,
      )
    },
  )
}

const vanished = (job: JobSpec): StepVerdict => ({
  kind: 'unknown',
  reason: 'job-vanished',
  sentence: `migration Job ${job.name} was deleted before its result was read; look how far it came in the database`,
})

const lost = (job: JobSpec): StepVerdict => ({
  kind: 'unknown',
  reason: 'job-pod-lost',
  sentence: `the pod of migration Job ${job.name} was deleted before it said how it ended, and its process may outlive it; look how far it came in the database`,
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
