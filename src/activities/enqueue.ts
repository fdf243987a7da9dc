import type { Alert } from '../clients/contracts'
import { targetsOf } from '../domain/alerts'
import type { Addressed } from '../store/contracts'
import type { Dependencies } from './dependencies'

/** Stores an alert for every target that wants it; the worker's sender delivers it from there. */
export async function enqueue(deps: Pick<Dependencies, 'store' | 'notifiers'>, alert: Alert): Promise<void> {
  // Also without a target: what was said once is settled, and news only when it changes.
  const { targets } = addressed(deps, alert)
  await deps.store.outbox.add(targets, alert)
}

/** An alert with its targets, for a write of the store that takes both into one transaction. */
export const addressed = ({ notifiers }: Pick<Dependencies, 'notifiers'>, alert: Alert): Addressed => ({
  targets: targetsOf(notifiers, alert),
  alert,
})
