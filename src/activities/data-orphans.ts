import { dataOrphanAlert } from '../domain/data-alerts'
import { dataWorkflowId } from '../domain/temporal-names'
import type { Dependencies } from './dependencies'
import { addressed } from './enqueue'

const startsWithinMs = 60_000

/** A data workflow that the store says is open but that nobody carries was terminated: it is held, with a page. */
export async function holdOrphanedData(deps: Dependencies): Promise<void> {
  const { store, workflows, config } = deps
  for (const { id, namespace, service, planHash, startedAt } of await store.data.listOpen()) {
    if (await workflows.isOpen(dataWorkflowId(namespace, service))) continue
    // Read again: it may have ended well between the two questions.
    const row = await store.data.read(id)
    const age = (await store.scans.now()).getTime() - startedAt.getTime()
    if (!row || row.outcome !== null || age < startsWithinMs) continue
    const message = `its workflow was ended from outside in phase ${row.phase}`
    const plan = await store.plans.read(planHash)
    await store.data.record({
      ...{ dataId: id, key: 'orphaned', phase: row.phase, kind: 'data-ended', outcome: 'held', message },
      tell: addressed(deps, dataOrphanAlert({ hub: config.hub, plan, dataId: id, message })),
    })
  }
}
