import { createHash } from 'node:crypto'
import { upgradeWorkflowId } from '../domain/temporal-names'
import type { ReleaseServiceRow } from '../store/contracts'
import { withHeartbeat } from './beat'
import type { Dependencies } from './dependencies'
import { pause } from './failures'
import type { ReleaseInput } from './release-contracts'
import { assertReleaseOpen } from './release-still-open'

const lookEveryMs = 250
/** Only what waits makes room; it hears of it as soon as a worker has a free slot. */
const patienceMs = 60_000

/**
 * Upgrades of the release's services that only wait are superseded, so that the release can start its own; scans start
 * none while it is open. Undefined when there is room, else why not.
 */
export const makeRoom =
  (deps: Dependencies) =>
  ({ releaseId, release }: ReleaseInput): Promise<string | undefined> =>
    withHeartbeat(
      () => 'making room',
      async () => {
        await assertReleaseOpen(deps.store, releaseId)
        for (const row of await deps.store.releases.services(releaseId)) {
          const problem = row.upgradeId === null ? await vacate(deps, { releaseId, release }, row) : undefined
          if (problem) return problem
        }
        return undefined
      },
    )

async function vacate(
  { store, workflows }: Dependencies,
  { releaseId, release }: ReleaseInput,
  { namespace, service }: ReleaseServiceRow,
): Promise<string | undefined> {
  const workflowId = upgradeWorkflowId(namespace, service)
  // What is newer than a waiting upgrade is named by a digest; a release has none of its own.
  const newer = { tag: `release ${release}`, digest: `sha256:${createHash('sha256').update(releaseId).digest('hex')}` }
  for (let waited = 0, told = false; ; waited += lookEveryMs) {
    const open = await workflows.openOf(workflowId)
    if (!open || open.release === releaseId) return undefined
    const row = (await store.upgrades.listOpen()).find(
      (each) => each.namespace === namespace && each.service === service,
    )
    if (row && !['plan', 'approval', 'window'].includes(row.phase))
      return `${namespace}/${service} is being upgraded to ${row.toTag} (${row.id}, phase ${row.phase}). Wait for its end, or refit abort ${namespace}/${service}.`
    if (!told) await workflows.signal(workflowId, 'supersede', newer)
    told = true
    if (waited >= patienceMs)
      return `the waiting upgrade of ${namespace}/${service} does not make room. See ${workflowId} in Temporal's Web UI.`
    await pause(lookEveryMs)
  }
}
