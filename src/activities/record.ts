import { Context } from '@temporalio/activity'
import { upgradeAlert } from '../domain/alerts'
import { outOfSync } from '../domain/hub-release'
import type { Plan } from '../domain/plan'
import type { UpgradeNews } from '../domain/upgrade-alerts'
import type { Entry } from './contracts'
import { enqueue } from './enqueue'
import type { Dependencies } from './dependencies'

/**
 * Writes one step of an upgrade to Refit's own store and puts the alert that belongs to it into the outbox. Both keep
 * the first one under the entry's key, so a second run changes nothing and alerts nobody again.
 */
export const record =
  (deps: Dependencies) =>
  async (entry: Entry): Promise<void> => {
    const { store, config } = deps
    await store.upgrades.record(entry)
    const plan = await store.plans.read(entry.planHash)
    const left = entry.phase === 'approval' && entry.kind === 'entered' ? await leftRelease(deps, plan) : undefined
    const alert = upgradeAlert({
      hub: config.hub,
      temporalNamespace: Context.current().info.namespace,
      plan,
      ...entry,
      ...(left === undefined ? {} : { outOfSync: left }),
      ...(await evidenceFor(deps, plan, entry)),
    })
    if (alert) await enqueue(deps, alert)
  }

/** A person who is asked should know that the hub leaves its release. */
const leftRelease = async ({ store, config }: Dependencies, { service, to }: Plan): Promise<string | undefined> =>
  config.billOfMaterials &&
  outOfSync(await store.decisions.list(), { repository: service.repository, tag: to.tag }, config.billOfMaterials)
/** As the scan heard it: the store keeps it beside the decision. */
async function evidenceFor(
  { store }: Dependencies,
  { service: { namespace, name: service }, to, policy }: Plan,
  { phase, kind }: Entry,
): Promise<Pick<UpgradeNews, 'promoted'>> {
  if (!policy.promote || phase !== 'approval' || kind !== 'entered') return {}
  const candidate = (await store.decisions.read({ namespace, service }))?.candidate
  return candidate?.promoted && candidate.digest === to.digest ? { promoted: candidate.promoted } : {}
}
