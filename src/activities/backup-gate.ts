import { provenBackup } from '../clients/backup'
import { isRisky } from '../domain/migrations/planned-rehearsal'
import type { Plan, PlannedMigration } from '../domain/plan'
import type { Dependencies } from './dependencies'

/** Why the plan can't start without a young backup, with its next step; undefined where every proof that is asked for is there. */
export async function backupRefusal(
  { environment }: Pick<Dependencies, 'environment'>,
  { migrations }: Pick<Plan, 'migrations'>,
): Promise<string | undefined> {
  for (const migration of migrations) {
    if (!migration.backup || !wantsProof(migration)) continue
    const proof = await provenBackup(migration.backup, environment, Date.now())
    if (!proof.ok) return `${proof.reason}. ${proof.next}`
  }
  return undefined
}

/** Of an image's own migrations nobody has seen what they do. */
const wantsProof = (migration: PlannedMigration): boolean =>
  migration.kind === 'job' || (migration.files.some(({ phase }) => phase === 'expand') && isRisky(migration.rehearsal))
