import { dataKind } from '../domain/event'
import { RefitError } from '../domain/errors'
import { contractRefusal } from './contract-rows'
import type { StepVerdict } from './contracts'
import type { DataKey } from './data-contracts'
import { assertDataOpen } from './data-open-still'
import type { Dependencies } from './dependencies'
import { migrationVerdict } from './migration-verdict'
import { runKnexPhase } from './run-knex-phase'

/** The contract of one migration source, file by file: what is applied is not applied again. Nothing takes it back. */
export const contract =
  (deps: Dependencies) =>
  async ({ planHash, dataId, index }: DataKey & { index: number }): Promise<StepVerdict> => {
    const { store } = deps
    const plan = await store.plans.read(planHash)
    await assertDataOpen(store, dataId)
    const migration = plan.migrations[index]
    if (migration?.kind !== 'knex')
      throw new RefitError(
        'PLAN_CHANGED',
        `The plan has no contract number ${index}.`,
        'Run refit scan for a new plan.',
      )
    const broken = await contractRefusal(deps, plan, migration)
    const verdict = broken ? migrationVerdict(false, broken) : await runKnexPhase(deps, plan, migration, 'contract')
    await store.data.record({
      ...{ dataId, phase: 'contract', message: verdict.sentence },
      key: `contract/${index}/${verdict.kind}`,
      kind: dataKind('contract', verdict.kind === 'healthy'),
    })
    return verdict
  }
