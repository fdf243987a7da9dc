import { migrationsHash } from '../activities/promoted'
import type { Config } from '../config'
import { repositoryPath } from '../domain/image'
import type { PromotedUpgrade, PromotionAnswer } from '../domain/promotion'
import type { Store } from '../store/contracts'

export interface PromotionDeps {
  store: {
    upgrades: Pick<Store['upgrades'], 'succeededWith'>
    plans: Pick<Store['plans'], 'read'>
    decisions: Pick<Store['decisions'], 'read'>
    scans: Pick<Store['scans'], 'now'>
  }
  config: Pick<Config, 'hub'>
}

/**
 * The upgrades of a digest that succeeded on this hub, for another hub that wants to know before it upgrades.
 * `repository` is without its registry: hubs read the same images from mirrors of their own.
 */
export async function promotionsOf(
  { store, config }: PromotionDeps,
  { repository, digest }: { repository: string; digest: string },
): Promise<PromotionAnswer> {
  const [at, rows] = await Promise.all([store.scans.now(), store.upgrades.succeededWith(digest)])
  const upgrades: PromotedUpgrade[] = []
  for (const row of rows) {
    const plan = await store.plans.read(row.planHash)
    if (repositoryPath(plan.service.repository) !== repository || !row.endedAt) continue
    const decision = await store.decisions.read(row)
    upgrades.push({
      ...{ namespace: row.namespace, service: row.service, planHash: row.planHash, from: row.fromTag, to: row.toTag },
      migrations: migrationsHash(plan.migrations),
      succeededAt: row.endedAt.toISOString(),
      replacedAt: row.replacedAt?.toISOString() ?? null,
      runs: row.replacedAt === null && runsNow(decision, row),
    })
  }
  const { name, environment } = config.hub
  return { hub: { name, environment }, at: at.toISOString(), upgrades }
}

/** By the last scan: pods tell their digest mostly, and where they don't, the tag in their template has to do. */
function runsNow(
  decision: { current: string; currentDigest?: string } | undefined,
  { toTag, toDigest }: { toTag: string; toDigest: string },
): boolean {
  if (!decision) return false
  return decision.currentDigest === undefined ? decision.current === toTag : decision.currentDigest === toDigest
}
