import { Context } from '@temporalio/activity'
import { dataRunAlert } from '../domain/data-alerts'
import { wakeSignalName, upgradeWorkflowId } from '../domain/temporal-names'
import { sentenceOf } from '../domain/errors'
import { addressed } from './enqueue'
import type { DataEntry } from './data-contracts'
import type { Dependencies } from './dependencies'

/**
 * Writes one step of a data workflow to the store and its alert to the outbox, in one transaction. Both keep the first
 * one under the entry's key. Its end wakes the upgrades that wait for the database.
 */
export const recordData =
  (deps: Dependencies) =>
  async (entry: DataEntry): Promise<void> => {
    const { store, config } = deps
    const plan = await store.plans.read(entry.planHash)
    const temporalNamespace = Context.current().info.namespace
    const alert = dataRunAlert({ hub: config.hub, temporalNamespace, temporalUi: config.temporalUi, plan, ...entry })
    await store.data.record({ ...entry, ...(alert ? { tell: addressed(deps, alert) } : {}) })
    if (!entry.outcome) return
    deps.meter?.dataEnded(entry.outcome)
    await wakeWaiting(deps)
  }

async function wakeWaiting({ store, workflows, logger }: Dependencies): Promise<void> {
  const warn = (error: unknown): void =>
    logger.warn({ error: sentenceOf(error) }, 'who waits was not woken; it looks again within the hour')
  const open = await store.upgrades.listOpen().catch((error: unknown) => (warn(error), []))
  // One that asks at this moment is not on record as waiting yet.
  for (const { namespace, service, phase } of open)
    if (phase === 'plan' || phase === 'approval' || phase === 'window')
      await workflows.signal(upgradeWorkflowId(namespace, service), wakeSignalName, null).catch(warn)
}
