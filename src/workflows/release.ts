import { CancellationScope, ContinueAsNew, isCancellation } from '@temporalio/workflow'
import type { PlannedRelease, ReleaseInput, ReleasePlanResult } from '../activities/release-contracts'
import type { ReleaseStatus } from '../domain/release-status'
import { Ended } from './endings'
import { quick, watching } from './proxies'
import { ReleaseDesk, type ReleaseWaiting } from './release-desk'
import { releaseEndingOf } from './release-endings'
import { lookBack, upgradeWave } from './release-waves'
import { releaseWindow } from './release-window'
import { releaseApproval } from './release-approval'
import { undoAll } from './release-undo'

/**
 * Takes the hub to a version: one upgrade per service, wave by wave, or everything back as it was. The workflow id is
 * the release's lock. Every step asks the store what is done already: a new run, a reset or another worker goes on there.
 */
export async function release(input: ReleaseInput, waiting?: ReleaseWaiting): Promise<ReleaseStatus> {
  const desk = new ReleaseDesk(input, waiting)
  try {
    await desk.untilAborted(async () => {
      const plan = await makePlan(desk, input)
      await makeRoom(input)
      do await releaseApproval(desk, plan)
      while (!(await releaseWindow(desk, plan)))
      for (const wave of plan.waves.keys()) await upgradeWave(desk, plan, wave)
      // A service of an earlier wave may have been aborted by hand since it was healthy.
      await lookBack(desk, plan.waves.length)
    })
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error
    return CancellationScope.nonCancellable(() => stopTheLine(desk, error))
  }
  return CancellationScope.nonCancellable(() => finish(desk))
}

async function makePlan(desk: ReleaseDesk, input: ReleaseInput): Promise<PlannedRelease> {
  const made: ReleasePlanResult = await watching.planRelease.executeWithOptions(
    { summary: `plan release ${input.release}` },
    [input],
  )
  if (made.kind !== 'planned') throw new Ended(made.kind, made.reason)
  desk.planned(made.plan)
  return made.plan
}

/** Upgrades of these services that only wait are superseded by the release. */
async function makeRoom(input: ReleaseInput): Promise<void> {
  const problem = await watching.makeRoom.executeWithOptions({ summary: 'waiting upgrades make room' }, [input])
  if (problem) throw new Ended('refused', problem)
}

/** Every service is healthy: the upgrades end, and their undo with them. */
async function finish(desk: ReleaseDesk): Promise<ReleaseStatus> {
  const { release, releaseId } = desk.input
  const because = `release ${release} succeeded`
  // Who aborts from here on is told that it is too late: an upgrade that has ended has no undo any more.
  desk.mailbox.close('succeeded')
  const other = await watching.releaseUpgrades.executeWithOptions({ summary: 'released' }, [{ releaseId, because }])
  if (other.length > 0) return desk.end('held', `every service was healthy, but not all ended so: ${other.join('; ')}`)
  return desk.end('succeeded', `every service of release ${release} runs and stayed healthy`)
}

/** Ends the story when it could not go on: everything back in reverse order, or left to a person. */
async function stopTheLine(desk: ReleaseDesk, error: unknown): Promise<ReleaseStatus> {
  const { releaseId } = desk.input
  // A Cancel may come before a new run knows what an earlier one began.
  if (!desk.plan && isCancellation(error)) desk.begun = (await quick.begunServices({ releaseId })).length > 0
  const ending = releaseEndingOf(error, desk)
  if (ending.hub === 'nothing') return desk.end(ending.outcome, ending.message, ending.who)
  if (ending.hub === 'leave') {
    await watching.releaseUpgrades.executeWithOptions({ summary: 'left as they are' }, [
      { releaseId, because: ending.message },
    ])
    return desk.end('held', ending.message)
  }
  await desk.enter('rollback', { message: ending.message })
  const failed = await undoAll(desk, ending.message)
  if (failed.length > 0) return desk.end('held', `${ending.message}; not all is back: ${failed.join('; ')}`)
  return desk.end(ending.outcome, ending.message, ending.who)
}
