import { withHeartbeat } from './beat'
import type { Dependencies } from './dependencies'
import { pause } from './failures'
import type { UpgradeInput } from './contracts'
import { releaseServiceRow } from './release-watch'

const lookEveryMs = 500

/** Tells every upgrade of a release that is still open to end as it stands, and waits until they have. Returns those that ended otherwise. */
export const releaseUpgrades =
  ({ store, workflows }: Dependencies) =>
  ({ releaseId, because }: { releaseId: string; because: string }): Promise<string[]> =>
    withHeartbeat(
      () => 'releasing',
      async () => {
        for (const { namespace, service } of await store.releases.services(releaseId))
          await store.releases.say(releaseId, { namespace, service }, 'released', because)
        for (;;) {
          const services = (await store.releases.services(releaseId)).filter(({ upgradeId }) => upgradeId !== null)
          const open = services.filter(({ outcome, ready }) => outcome === null && ready)
          const alive = await Promise.all(
            open.map(
              async ({ namespace, service }) =>
                (await workflows.openOf(`refit/upgrade/${namespace}/${service}`))?.release === releaseId,
            ),
          )
          if (!alive.includes(true))
            return services
              .filter(({ outcome }) => outcome !== null && outcome !== 'succeeded' && outcome !== 'up-to-date')
              .map(({ namespace, service, outcome, message }) => `${namespace}/${service}: ${outcome} (${message})`)
          await pause(lookEveryMs)
        }
      },
    )

/** What the release says to one of its upgrades. */
export type ReleaseSays = { kind: 'released' } | { kind: 'undo'; reason: string }

type Ask = Pick<UpgradeInput, 'namespace' | 'service'> & { releaseId: string }

/** What the release has said to an upgrade; undefined when nothing yet. */
export const releaseSays =
  ({ store }: Dependencies) =>
  async (ask: Ask): Promise<ReleaseSays | undefined> => {
    const { verdict, because } = await releaseServiceRow(store, ask)
    if (verdict === null) return undefined
    return verdict === 'undo' ? { kind: 'undo', reason: because } : { kind: 'released' }
  }

/**
 * An upgrade that came through its bake waits here for its release's word. A release that ended without one (it was
 * terminated, and a scan held it) leaves the service as it is: healthy, at what the release brought.
 */
export const awaitRelease =
  (deps: Dependencies) =>
  (ask: Ask): Promise<ReleaseSays> =>
    withHeartbeat(
      () => 'waiting for the release',
      async () => {
        const { store } = deps
        await store.releases.ready(ask.releaseId, ask)
        for (;;) {
          const said = await releaseSays(deps)(ask)
          if (said) return said
          const release = await store.releases.read(ask.releaseId)
          if (!release || release.outcome !== null) return { kind: 'released' }
          await pause(lookEveryMs)
        }
      },
    )
