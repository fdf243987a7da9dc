import type { RolloutObservation } from './rollout'
import { wantedNew } from './rollout-kinds'
import { newPods } from './rollout-stages'

/** On a Deployment that Refit has paused, or a StatefulSet whose partition it has raised: the id of the upgrade. */
export const pausedByKey = 'refit.dev/paused-by'
/** On a StatefulSet that Refit holds: the partition that it wrote. Another one there is somebody else's. */
export const heldPartitionKey = 'refit.dev/held-partition'

/** `lifted`: somebody let go on what this upgrade holds, or holds it otherwise. */
export function holdOf(seen: RolloutObservation, upgradeId: string): 'none' | 'ours' | 'lifted' {
  if (seen.pausedBy !== upgradeId) return 'none'
  const stands = seen.kind === 'StatefulSet' ? wantedNew(seen) < seen.desired : seen.paused
  return stands && seen.otherPartition === undefined ? 'ours' : 'lifted'
}

/** What this upgrade holds itself, as if it rolled: its own pause is nobody's change, and the lack of it is one. */
export function withoutOwnHold(seen: RolloutObservation, upgradeId: string): RolloutObservation {
  const hold = holdOf(seen, upgradeId)
  if (hold === 'none') return seen
  return hold === 'lifted' ? { ...seen, lifted: true } : { ...seen, paused: false }
}

/** What is new of a rollout that stands still, as if nothing more were wanted; that there is a new pod at all is. */
export function newOnes(seen: RolloutObservation, upgradeId: string): RolloutObservation {
  const own = withoutOwnHold(seen, upgradeId)
  return { ...own, desired: Math.max(1, newPods(seen).there), lifted: own.lifted ?? holdOf(seen, upgradeId) === 'none' }
}
