import { releaseOrphanAlert } from '../domain/release-orphan-alert'
import { releaseWorkflowId } from '../domain/temporal-names'
import type { Dependencies } from './dependencies'
import { enqueue } from './enqueue'

/**
 * A release that the store says is open but that no workflow carries was terminated: it is held, after the page is in
 * the outbox. One that has just been opened gets its workflow in a moment, so the newest are left alone.
 */
export async function holdOrphanedReleases(deps: Dependencies): Promise<void> {
  const { store, workflows, config } = deps
  for (const { id, name, phase } of await store.releases.listOpen()) {
    if (await workflows.isOpen(releaseWorkflowId(name))) continue
    // Read again: it may have ended well between the two questions.
    const row = await store.releases.read(id)
    if (!row || row.outcome !== null || (await isNew(deps, row.startedAt))) continue
    await enqueue(deps, releaseOrphanAlert(config.hub, { id, name, phase }))
    await store.releases.record({
      releaseId: id,
      key: 'orphaned',
      phase,
      kind: 'ended',
      outcome: 'held',
      message: `its workflow was ended from outside in phase ${phase}`,
    })
  }
}

const startsWithinMs = 60_000
const isNew = async ({ store }: Dependencies, startedAt: Date): Promise<boolean> =>
  (await store.scans.now()).getTime() - startedAt.getTime() < startsWithinMs
