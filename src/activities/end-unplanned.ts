import { unplannedAlert } from '../domain/unplanned-alert'
import type { Outcome } from '../domain/status'
import type { UpgradeInput } from './contracts'
import type { Dependencies } from './dependencies'
import { enqueue } from './enqueue'

/** Tells a person of an upgrade that ended before it had a plan: the store has no row of it that anybody could look at. */
export const endUnplanned =
  (deps: Dependencies) =>
  async (ending: UpgradeInput & { outcome: Outcome; message: string }): Promise<void> => {
    const { release, namespace, service, outcome, message } = ending
    if (release) await deps.store.releases.endedUnplanned(release.id, { namespace, service }, outcome, message)
    const alert = unplannedAlert({ hub: deps.config.hub, ...ending })
    if (alert) await enqueue(deps, alert)
  }
