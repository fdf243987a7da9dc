import { upgradeWorkflowId } from '../domain/temporal-names'
import { wordList } from '../domain/text'
import type { ReleaseServiceRow } from '../store/contracts'
import { withHeartbeat } from './beat'
import type { Dependencies } from './dependencies'
import { pause } from './failures'
import type { ReleaseServiceKey, Undone } from './release-contracts'
import { releaseServiceRow } from './release-watch'

const lookEveryMs = 250

/** What a release began, in the reverse of its order. */
export const begunServices =
  ({ store, workflows }: Dependencies) =>
  async ({ releaseId }: { releaseId: string }): Promise<{ namespace: string; service: string }[]> => {
    const begun: { namespace: string; service: string }[] = []
    for (const row of await store.releases.services(releaseId)) {
      const { namespace, service, upgradeId } = row
      const mine =
        upgradeId !== null || (await workflows.openOf(upgradeWorkflowId(namespace, service)))?.release === releaseId
      if (mine) begun.unshift({ namespace, service })
    }
    return begun
  }

/**
 * Puts one service of a release back: its upgrade is still open and undoes what it did. Waits for its end. What goes
 * before a service that could not be put back is kept, because that service needs it.
 */
export const undoUpgrade =
  (deps: Dependencies) =>
  (key: ReleaseServiceKey & { reason: string }): Promise<Undone> =>
    withHeartbeat(
      () => `undoing ${key.namespace}/${key.service}`,
      async () => {
        const { store, workflows } = deps
        const { releaseId, namespace, service, reason } = key
        const row = await releaseServiceRow(store, key)
        const needy = await dependentsNotBack(deps, key)
        if (needy.length > 0) {
          const message = `${namespace}/${service} stays at ${row.to}: ${wordList(needy)} could not be put back and may need it`
          await store.releases.say(releaseId, key, 'released', message)
          return { kind: 'kept', message }
        }
        await store.releases.say(releaseId, key, 'undo', reason)
        const workflowId = upgradeWorkflowId(namespace, service)
        for (let told = false; ;) {
          const undone = undoneOf(await releaseServiceRow(store, key))
          if (undone) return undone
          const open = await workflows.openOf(workflowId)
          if (open?.release !== releaseId) {
            const last = await releaseServiceRow(store, key)
            // No workflow carries it any more: the next scan holds it and pages.
            return (
              undoneOf(last) ??
              (last.upgradeId === null
                ? { kind: 'nothing' }
                : { kind: 'failed', message: `${namespace}/${service}: its workflow was ended from outside` })
            )
          }
          if (!told) await workflows.cancel(workflowId)
          told = true
          await pause(lookEveryMs)
        }
      },
    )

function undoneOf(row: ReleaseServiceRow): Undone | undefined {
  const { outcome, namespace, service, to, message } = row
  switch (outcome) {
    case null:
      return undefined
    case 'rolled-back':
    case 'aborted':
      return { kind: 'put-back' }
    case 'succeeded':
      return { kind: 'failed', message: `${namespace}/${service} had ended at ${to} already` }
    case 'held':
      return { kind: 'failed', message: `${namespace}/${service}: ${message}` }
    case 'rejected':
    case 'expired':
    case 'refused':
    case 'superseded':
    case 'up-to-date':
      return { kind: 'nothing' }
  }
}

/** Services after this one that may still run what the release brought. */
async function dependentsNotBack({ store }: Dependencies, key: ReleaseServiceKey): Promise<string[]> {
  const id = `${key.namespace}/${key.service}`
  return (await store.releases.services(key.releaseId))
    .filter(({ after, outcome }) => after.includes(id) && (outcome === 'held' || outcome === 'succeeded'))
    .map(({ namespace, service }) => `${namespace}/${service}`)
}
