import { Context } from '@temporalio/activity'
import { upgradeAlert } from '../domain/alerts'
import type { Plan } from '../domain/plan'
import type { Store } from '../store/contracts'
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
    const offered = entry.phase === 'approval' && entry.kind === 'entered' ? await offeredIn(store, plan) : undefined
    const alert = upgradeAlert({
      hub: config.hub,
      temporalNamespace: Context.current().info.namespace,
      temporalUi: config.temporalUi,
      plan,
      offered,
      ...entry,
      ...(await evidenceFor(deps, plan, entry)),
    })
    await store.upgrades.record({ ...entry, ...(alert ? { tell: addressed(deps, alert) } : {}) })
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

/** Why the plan's image is offered, as the last scan said it. */
async function offeredIn({ decisions }: Pick<Store, 'decisions'>, { service, to }: Plan) {
  const decision = await decisions.read({ namespace: service.namespace, service: service.name })
  return decision?.candidate?.digest === to.digest
    ? { reason: decision.reason, candidate: decision.candidate }
    : undefined
}
