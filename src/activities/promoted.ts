import { createHash } from 'node:crypto'
import { listMigrationFiles } from '../clients/knex-migrations'
import type { Promotions } from '../clients/promotion'
import { sentenceOf } from '../domain/errors'
import type { MigrationFile, PlannedMigration } from '../domain/plan'
import type { MigrationSource, Policy } from '../domain/policy'
import { judgePromotion, migrationsText, type PromotionAsked, type PromotionVerdict } from '../domain/promotion'

/** What two hubs compare of their migrations. */
export const migrationsHash = (
  migrations: readonly (PlannedMigration | MigrationSource)[],
  filesOf?: (directory: string) => readonly MigrationFile[],
): string => createHash('sha256').update(migrationsText(migrations, filesOf)).digest('hex')

interface Asking {
  policy: Policy
  repository: string
  digest: string
  /** epoch ms */
  now: number
  signal?: AbortSignal | undefined
}

/**
 * Whether a digest has proved itself on the hub that the policy's `promote` names. What can't be told is held with the
 * reason, never failed. undefined where the policy asks for no promotion.
 */
export async function promotionOf(
  promotions: Pick<Promotions, 'ask'> | undefined,
  { policy, repository, digest, now, signal }: Asking,
): Promise<PromotionVerdict | undefined> {
  const { promote } = policy
  if (!promote) return undefined
  const asked: PromotionAsked = promotions
    ? await promotions.ask({ hub: promote.from, repository, digest, ...(signal ? { signal } : {}) })
    : { kind: 'error', message: 'this process asks no hubs' }
  try {
    return judgePromotion({ promote, asked, migrations: await policyHash(policy), now })
  } catch (error) {
    return { kind: 'held', reason: `has migrations that can't be read: ${sentenceOf(error)}`, until: now }
  }
}

async function policyHash({ migrations }: Policy): Promise<string> {
  const files = new Map<string, MigrationFile[]>()
  for (const source of migrations)
    if (source.kind === 'knex') files.set(source.directory, await listMigrationFiles(source.directory))
  return migrationsHash(migrations, (directory) => files.get(directory) ?? [])
}

const scansKept = 3

/** Asks once per scan, repository and digest, however many services and batches want to know. */
export function askedOncePerScan(promotions: Promotions | undefined) {
  const scans = new Map<string, Map<string, Promise<PromotionAsked>>>()
  return (scanId: string): Pick<Promotions, 'ask'> | undefined => {
    if (!promotions) return undefined
    const known = scans.get(scanId) ?? new Map<string, Promise<PromotionAsked>>()
    scans.set(scanId, known)
    for (const old of [...scans.keys()].slice(0, -scansKept)) scans.delete(old)
    return {
      // Without the signal of one batch: another may wait for the same answer.
      ask({ hub, repository, digest }) {
        const key = JSON.stringify([hub, repository, digest])
        const asked = known.get(key) ?? promotions.ask({ hub, repository, digest })
        known.set(key, asked)
        return asked
      },
    }
  }
}
