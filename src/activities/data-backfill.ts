import { Context } from '@temporalio/activity'
import { runBackfill } from '../clients/backfill-run'
import { hashOfFile } from '../clients/hash-file'
import { readBackfillFile } from '../config/backfill-file'
import { filesByKind } from '../domain/data-plan'
import { RefitError } from '../domain/errors'
import { type BackfillProgress, progressWords } from '../domain/migrations/backfill-progress'
import type { MigrationFile, Plan, KnexMigration } from '../domain/plan'
import { withHeartbeat } from './beat'
import type { UpgradeKey } from './contracts'
import type { BackfillVerdict } from './data-contracts'
import { assertDataOpen } from './data-open-still'
import type { Dependencies } from './dependencies'
import { migrationVerdict } from './migration-verdict'
import { databaseOf, runKnexPhase } from './run-knex-phase'
import { assertStillOpen } from './still-open'

/** One attempt works for so long at most: then the workflow looks at pauses and freezes, and calls again. */
const workMs = 600_000

export interface BackfillQuestion extends UpgradeKey {
  /** place among the plan's migrations */
  index: number
  /** of a data workflow; absent in an upgrade, whose policy says `backfill: before` */
  dataId?: string
}

type Saying = (key: string, kind: 'backfill' | 'backfill-failed', message: string) => Promise<void>

/**
 * The backfill of one migration source: its code files, then what its YAML files declare, each to its proof. A pause, a
 * cancel or the end of its time stops it after the batch that runs; called again it goes on at the checkpoint.
 */
export const backfill =
  (deps: Dependencies) =>
  async ({ upgradeId, planHash, index, dataId }: BackfillQuestion): Promise<BackfillVerdict> => {
    const { store } = deps
    const plan = await store.plans.read(planHash)
    await (dataId === undefined ? assertStillOpen(store, upgradeId) : assertDataOpen(store, dataId))
    const migration = plan.migrations[index]
    if (migration?.kind !== 'knex')
      throw new RefitError(
        'PLAN_CHANGED',
        `The plan has no backfill number ${index}.`,
        'Run refit scan for a new plan.',
      )
    const say: Saying = (key, kind, message) =>
      dataId === undefined
        ? store.upgrades.record({ upgradeId, key, phase: 'backfill', kind, message })
        : store.data.record({ dataId, key, phase: 'backfill', kind, message })
    const { code, declared } = filesByKind(migration, 'backfill')
    if (code.length > 0) {
      const verdict = await runKnexPhase(deps, plan, migration, 'backfill')
      if (verdict.kind !== 'healthy') return verdict
      await say(`backfill/${index}/code`, 'backfill', verdict.sentence)
    }
    const until = AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(workMs)])
    const owner = dataId ?? upgradeId
    for (const file of declared) {
      const verdict = await fill(deps, { plan, migration, file, owner, signal: until })
      if (verdict.kind !== 'healthy' || verdict.more) return verdict
      await say(`backfill/${index}/${file.name}`, 'backfill', verdict.sentence)
    }
    return migrationVerdict(true, `backfill ${migration.directory} done`)
  }

interface Filling {
  plan: Plan
  migration: KnexMigration
  file: MigrationFile
  owner: string
  signal: AbortSignal
}

async function fill(deps: Dependencies, { plan, migration, file, owner, signal }: Filling): Promise<BackfillVerdict> {
  await assertUnchanged(migration.directory, file)
  const declaration = await readBackfillFile(migration.directory, file.name)
  const url = databaseOf(deps, plan, migration)
  const seen: { progress?: BackfillProgress } = {}
  const details = () =>
    seen.progress
      ? { seen: `${file.name}: ${progressWords(seen.progress)}`, progress: seen.progress }
      : { seen: `${file.name}: starting` }
  const { namespace, name: service } = plan.service
  const onProgress = (progress: BackfillProgress): void => {
    // The first number that a later run tells has in it what was counted by earlier ones.
    const before = progress.batches === 1 && !seen.progress ? 0 : (seen.progress?.changed ?? progress.changed)
    deps.meter?.backfilled({ namespace, service }, progress.changed - before)
    seen.progress = { ...progress }
  }
  try {
    const { outcome, progress } = await withHeartbeat(details, () =>
      runBackfill({ url, backfill: declaration, owner, signal, onProgress }),
    )
    if (outcome === 'done')
      return migrationVerdict(true, `${file.name}: ${progress.changed} rows changed, its proof finds none left`)
    return { ...migrationVerdict(true, `${file.name}: ${progressWords(progress)}`), more: true }
  } catch (error) {
    if (!(error instanceof RefitError)) throw error
    // Somebody else took the table over, and is waited for.
    if (error.code === 'LEASE_LOST') return { ...migrationVerdict(true, `${file.name}: ${error.message}`), more: true }
    if (error.code === 'MIGRATION_FAILED' || error.code === 'MIGRATION_REFUSED')
      return migrationVerdict(false, `${file.name}: ${error.message} ${error.next}`)
    throw error
  }
}

async function assertUnchanged(directory: string, { phase, name, sha256 }: MigrationFile): Promise<void> {
  if ((await hashOfFile(directory, phase, name)) === sha256) return
  throw new RefitError(
    'MIGRATION_CHANGED',
    `${phase}/${name} in ${directory} is not the file of the approved plan.`,
    'Restore it, or run refit scan for a new plan and approve that.',
  )
}
