import {
  CancellationScope,
  ChildWorkflowCancellationType,
  isCancellation,
  ParentClosePolicy,
  startChild,
} from '@temporalio/workflow'
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import type { PlannedRelease, PlannedReleaseService } from '../activities/release-contracts'
import { releaseMemo, upgradeWorkflowId } from '../domain/temporal-names'
import { quick, watching } from './proxies'
import type { ReleaseDesk } from './release-desk'
import { LineStopped } from './release-endings'
import { whilePaused } from './release-window'
import { upgrade } from './upgrade'

/** How many services of a wave are upgraded at once. */
const sideBySide = 4

/** Upgrades the services of one wave (from 0), a few at a time; the first that fails stops the line. */
export async function upgradeWave(desk: ReleaseDesk, plan: PlannedRelease, wave: number): Promise<void> {
  const services = plan.waves[wave] ?? []
  await whilePaused(desk, wave)
  await desk.enterWave(wave, plan.waves.length)
  const answer = await lookBack(desk, wave)
  const toStart = new Set(answer.map(({ namespace, service }) => `${namespace}/${service}`))
  await desk.whileNotFull(async () => {
    const queue = [...services]
    const lane = async (): Promise<void> => {
      for (let each = queue.shift(); each; each = queue.shift()) {
        if (toStart.has(`${each.namespace}/${each.service}`)) await start(desk, each)
        await watch(desk, each)
      }
    }
    await allOrNone(Array.from({ length: Math.min(sideBySide, services.length) }, () => lane))
  })
}

/** Stops the line when a service of an earlier wave is not as it was left. Returns what this wave has to start. */
export async function lookBack(desk: ReleaseDesk, wave: number): Promise<{ namespace: string; service: string }[]> {
  const { releaseId } = desk.input
  const answer = await quick.beginWave.executeWithOptions({ summary: `before wave ${wave + 1}` }, [{ releaseId, wave }])
  if (answer.kind === 'stop') throw new LineStopped(answer.standing.message, answer.standing.kind === 'held')
  return answer.start
}

/** The child outlives its release on purpose: after a Terminate it must neither stop half way nor lose its undo. */
async function start(desk: ReleaseDesk, { namespace, service, from, candidate }: PlannedReleaseService): Promise<void> {
  const { release: name, releaseId: id } = desk.input
  try {
    await startChild(upgrade, {
      workflowId: upgradeWorkflowId(namespace, service),
      args: [{ namespace, service, candidate, release: { id, name } }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      memo: { [releaseMemo]: id },
      staticSummary: `${namespace}/${service} ${from} → ${candidate.tag}, release ${name}`,
    })
  } catch (error) {
    // One of an earlier run of this release goes on; another's is what the watch finds out.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
}

async function watch(desk: ReleaseDesk, { namespace, service, candidate }: PlannedReleaseService): Promise<void> {
  const { releaseId } = desk.input
  const standing = await watching.watchUpgrade.executeWithOptions({ summary: `${service} ${candidate.tag}` }, [
    { releaseId, namespace, service },
  ])
  if (standing.kind !== 'ready') throw new LineStopped(standing.message, standing.kind === 'held')
}

/** Runs all of them; when one fails the others stop watching at once, and the first failure is thrown. */
async function allOrNone(lanes: readonly (() => Promise<void>)[]): Promise<void> {
  const scope = new CancellationScope()
  let first: unknown
  await scope
    .run(() =>
      Promise.all(
        lanes.map((lane) =>
          lane().catch((error: unknown) => {
            if (first === undefined && !(scope.consideredCancelled && isCancellation(error))) first = error
            scope.cancel()
            throw error
          }),
        ),
      ),
    )
    .catch((error: unknown) => {
      first ??= error
    })
  // eslint-disable-next-line @typescript-eslint/only-throw-error -- what a lane threw, as it was
  if (first !== undefined) throw first
}
