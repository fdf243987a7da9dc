import type { Alert } from '../clients/contracts'
import type { Dependencies } from './dependencies'

/** Stores an alert for every target that wants its level; the worker's sender delivers it from there. */
export async function enqueue(
  { store, notifiers }: Pick<Dependencies, 'store' | 'notifiers'>,
  alert: Alert,
): Promise<void> {
  // Also without a target: what was said once is settled, and news only when it changes.
  await store.outbox.add(targetsOf(notifiers, alert), alert)
}

/** The names of the targets that want an alert. */
export const targetsOf = (notifiers: Dependencies['notifiers'], { level }: Pick<Alert, 'level'>): string[] =>
  notifiers.filter(({ levels }) => levels.includes(level)).map(({ name }) => name)
