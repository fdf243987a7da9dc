import { upgradeWorkflowId } from '../domain/temporal-names'
import type { ReleaseServiceRow, Store } from '../store/contracts'
import { withHeartbeat } from './beat'
import type { Dependencies } from './dependencies'
import { pause } from './failures'
import type { ReleaseServiceKey, UpgradeStanding } from './release-contracts'
import { standingOf } from './release-standing'
import { assertReleaseOpen } from './release-still-open'

const lookEveryMs = 500

/** Watches one upgrade of a release until it is ready or has ended. Asks the store: a run after this one can go on. */
export const watchUpgrade =
  (deps: Dependencies) =>
  (key: ReleaseServiceKey): Promise<UpgradeStanding> =>
    withHeartbeat(
      () => `${key.namespace}/${key.service}`,
      async () => {
        for (;;) {
          await assertReleaseOpen(deps.store, key.releaseId)
          const standing = await lookAt(deps, key)
          if (standing) return standing
          await pause(lookEveryMs)
        }
      },
    )

async function lookAt(deps: Dependencies, key: ReleaseServiceKey): Promise<UpgradeStanding | undefined> {
  const row = await releaseServiceRow(deps.store, key)
  const standing = standingOf(row)
  if (standing || row.upgradeId !== null) return standing
  const open = await deps.workflows.openOf(upgradeWorkflowId(key.namespace, key.service))
  if (open?.release === key.releaseId) return undefined
  // Read again: it may have got its plan, or ended, between the two questions.
  const again = await releaseServiceRow(deps.store, key)
  const since = standingOf(again)
  if (since || again.upgradeId !== null) return since
  const id = `${key.namespace}/${key.service}`
  return open
    ? { kind: 'failed', message: `another upgrade of ${id} runs, which is not of this release` }
    : { kind: 'failed', message: `the upgrade of ${id} ended before it had a plan` }
}

/** The release's row of a service; it is there once the release is planned. */
export async function releaseServiceRow(
  store: Pick<Store, 'releases'>,
  { releaseId, namespace, service }: ReleaseServiceKey,
): Promise<ReleaseServiceRow> {
  const rows = await store.releases.services(releaseId)
  const row = rows.find((each) => each.namespace === namespace && each.service === service)
  if (!row) throw new Error(`${namespace}/${service} is not in release ${releaseId}`)
  return row
}
