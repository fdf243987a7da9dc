import { Context } from '@temporalio/activity'
import { upgradeAlert } from '../domain/alerts'
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
    const alert = upgradeAlert({
      hub: config.hub,
      temporalNamespace: Context.current().info.namespace,
      plan,
      ...entry,
      ...(await evidenceFor(deps, plan, entry)),
    })
    if (alert) await enqueue(deps, alert)
  }

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
