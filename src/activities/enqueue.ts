import type { Alert } from '../clients/contracts'
import type { Dependencies } from './dependencies'

/** Stores an alert for every target that wants its level; the worker's sender delivers it from there. */
export async function enqueue(
  { store, notifiers }: Pick<Dependencies, 'store' | 'notifiers'>,
  alert: Alert,
): Promise<void> {
  const targets = notifiers.filter(({ levels }) => levels.includes(alert.level)).map(({ name }) => name)
  // Also without a target: what was said once is settled, and news only when it changes.
  await store.outbox.add(targets, alert)
}
