import type { UpgradeInput } from '../activities/contracts'
import type { Desk } from './desk'
import { type Ending, PutBack } from './endings'
import { quick, watching } from './proxies'

/**
 * An upgrade of a release came through its bake. It stays open, with its undo registered, until every service of the
 * release is healthy; or until the release puts it back.
 */
export async function untilReleased(desk: Desk, { namespace, service, release }: UpgradeInput): Promise<void> {
  if (!release) return
  await desk.recorder.record('ready', 'ready', `healthy; release ${release.name} says when it ends`)
  const said = await watching.awaitRelease.executeWithOptions({ summary: `release ${release.name}` }, [
    { namespace, service, releaseId: release.id },
  ])
  if (said.kind === 'undo') throw new PutBack(said.reason)
}

/** A release stops its upgrades by cancelling them; the store says that it was the release, and why. */
export async function endingInRelease(desk: Desk, ending: Ending): Promise<Ending> {
  const { namespace, service, release } = desk.input
  if (!release || ending.outcome !== 'aborted') return ending
  const said = await quick.releaseSays({ namespace, service, releaseId: release.id })
  // Another service is to blame, or a person: its digest may come again.
  return said?.kind === 'undo'
    ? { outcome: 'rolled-back', hub: 'put-back', quarantine: false, message: said.reason, offeredAgain: true }
    : ending
}
