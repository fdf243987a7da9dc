import { type EventKind, stepKeys } from '../domain/event'
import { RefitError } from '../domain/errors'
import type { Store } from '../store/contracts'
import type { StepVerdict, UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'
import { migrationVerdict } from './migration-verdict'
import { jobOf, runJob } from './run-job'
import { runKnexPhase } from './run-knex-phase'
import { assertStillOpen } from './still-open'

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
    const key = stepKeys.expand(index)
    if (migration.kind === 'knex')
      return settled(store, upgradeId, key, () => runKnexPhase(deps, plan, migration, 'expand'))

    const job = jobOf(plan, upgradeId, migration, index)
    const verdict = await settled(store, upgradeId, key, () => runJob(deps, upgradeId, key, job, migration))
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
    return event && migrationVerdict(event.kind === 'migrated', event.message)
  }
  const earlier = await onRecord()
  if (earlier) return earlier
  const verdict = await run()
  // Nobody can tell: left open, so that the next attempt or a person looks again.
  if (verdict.kind === 'unknown') return (await onRecord()) ?? verdict
  const kind: EventKind = verdict.kind === 'healthy' ? 'migrated' : 'migration-failed'
  await store.upgrades.record({ upgradeId, key, phase: 'expand', kind, message: verdict.sentence })
  return (await onRecord()) ?? verdict
}
