import { dataAlert } from '../domain/alerts'
import { dataKind, stepKeys } from '../domain/event'
import type { DataPhase } from '../domain/migration'
import type { StepVerdict, UpgradeKey } from './contracts'
import { enqueue } from './enqueue'
import type { Dependencies } from './dependencies'
import { runKnexPhase } from './run-knex-phase'

/** Runs one data phase of every knex migration of the plan. knex's own list makes a second run apply nothing twice. */
export const data =
  (deps: Dependencies) =>
  async ({ upgradeId, planHash, phase }: UpgradeKey & { phase: DataPhase }): Promise<StepVerdict> => {
    const plan = await deps.store.plans.read(planHash)
    for (const [index, migration] of plan.migrations.entries()) {
      if (migration.kind !== 'knex' || !migration.files.some((file) => file.phase === phase)) continue
      const verdict = await runKnexPhase(deps, plan, migration, phase)
      await deps.store.upgrades.record({
        upgradeId,
        key: stepKeys.data(phase, index, verdict.kind),
        phase: 'bake',
        kind: dataKind(phase, verdict.kind === 'healthy'),
        message: verdict.sentence,
      })
      if (verdict.kind !== 'healthy') return verdict
    }
    return { kind: 'healthy', reason: phase, sentence: `${phase} done` }
  }

/** Backfill or contract stopped: the images stay, a person is paged. */
export const pageData =
  (deps: Dependencies) =>
  async ({ upgradeId, planHash, phase, reason }: UpgradeKey & { phase: DataPhase; reason: string }): Promise<void> => {
    const plan = await deps.store.plans.read(planHash)
    await enqueue(deps, dataAlert({ hub: deps.config.hub, plan, upgradeId, phase, reason }))
  }
