import { Context } from '@temporalio/activity'
import { upgradeAlert } from '../domain/alerts'
import type { Plan } from '../domain/plan'
import type { UpgradeNews } from '../domain/upgrade-alerts'
import type { Entry } from './contracts'
import { addressed } from './enqueue'
import type { Dependencies } from './dependencies'

/**
 * Writes one step of an upgrade to Refit's own store and the alert that belongs to it to the outbox, in one transaction.
 * Both keep the first one under the entry's key, so a second run changes nothing and alerts nobody again.
 */
export const record =
  (deps: Dependencies) =>
  async (entry: Entry): Promise<void> => {
    const { store, config } = deps
    const plan = await store.plans.read(entry.planHash)
    const alert = upgradeAlert({
      hub: config.hub,
      temporalNamespace: Context.current().info.namespace,
      temporalUi: config.temporalUi,
      plan,
      ...entry,
      ...(await evidenceFor(deps, plan, entry)),
    })
    await store.upgrades.record({ ...entry, ...(alert ? { tell: addressed(deps, alert) } : {}) })
  }

/** Why the plan's image is offered, and what another hub says of it: as the scan heard it, kept beside the decision. */
async function evidenceFor(
  { store }: Dependencies,
  { service: { namespace, name: service }, to, policy }: Plan,
  { phase, kind }: Entry,
): Promise<Pick<UpgradeNews, 'offered' | 'promoted'>> {
  if (phase !== 'approval' || kind !== 'entered') return {}
  const decision = await store.decisions.read({ namespace, service })
  const { candidate } = decision ?? {}
  if (!decision || candidate?.digest !== to.digest) return {}
  return {
    offered: { reason: decision.reason, candidate },
    ...(policy.promote && candidate.promoted ? { promoted: candidate.promoted } : {}),
  }
}
