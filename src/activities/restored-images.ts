import { Context } from '@temporalio/activity'
import type { ImageChange, WorkloadRef } from '../clients/contracts'
import type { Plan, PlannedContainer } from '../domain/plan'
import { pinnedImage } from '../domain/rollout-undo'
import type { ImageSnapshot } from '../store/contracts'
import type { Dependencies } from './dependencies'
import { look } from './watch-workload'

/** A registry that is away must not keep the old image from coming back. */
const answerWithinMs = 2_000

/**
 * What each container is set back to: the image as it stood in the template, so that the ReplicaSet from before serves on.
 * A tag that has been pushed again since would bring another image: then the digest that ran is written behind it. Run
 * again, what stands there already decides.
 */
export async function restoredImages(
  { kubernetes, registry }: Pick<Dependencies, 'kubernetes' | 'registry'>,
  { plan, workload, containers }: { plan: Plan; workload: WorkloadRef; containers: PlannedContainer[] },
  snapshot: ImageSnapshot,
): Promise<ImageChange[]> {
  const before = ({ name, init, to }: PlannedContainer): string =>
    snapshot.containers.find((each) => each.name === name && each.init === init)?.image ?? to
  const changes = containers.map((each) => ({ name: each.name, init: each.init, from: each.to, to: before(each) }))
  if (!changes.some(({ to }) => pinnedImage(plan, to))) return changes

  const [digestNow, seen] = await Promise.all([
    registry
      .digestOf(plan.service.repository, plan.from.tag, { signal: AbortSignal.timeout(answerWithinMs) })
      .catch(() => undefined),
    look(() => kubernetes.observeRollout(plan.service.namespace, workload, Context.current().cancellationSignal)),
  ])
  const live = 'observation' in seen ? seen.observation.containers : []
  return changes.map((change) => {
    const pinned = pinnedImage(plan, change.to)
    const stands = live.find(({ name, init }) => name === change.name && init === change.init)?.image
    const moved = digestNow !== undefined && digestNow !== plan.from.digest
    const pins = pinned !== undefined && (stands === pinned || (moved && stands !== change.to))
    return pins ? { ...change, to: pinned } : change
  })
}
