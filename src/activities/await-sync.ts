import { Context } from '@temporalio/activity'
import type { ImageChange, Kubernetes, WorkloadRef } from '../clients/contracts'
import { newMemory, type RolloutObservation } from '../domain/rollout'
import { durationWords } from '../domain/text'
import { withHeartbeat } from './beat'
import type { StepVerdict } from './contracts'
import { pause } from './failures'
import { look } from './watch-workload'

const lookEveryMs = 1_000

interface Sync {
  namespace: string
  workload: WorkloadRef
  changes: ImageChange[]
  /** what was committed, in words */
  committed: string
  syncWithinMs: number
}

/**
 * Looks until the live template has the images of the commit. Undefined then; `unknown` when the agent has not applied it
 * in time, because it may do so at any later moment; `conflict` when the workload has images that neither the commit nor
 * the state before it explains.
 */
export function untilSynced(kubernetes: Kubernetes, sync: Sync): Promise<StepVerdict | undefined> {
  const { workload, namespace, changes, committed, syncWithinMs } = sync
  const { cancellationSignal } = Context.current()
  let seen = `waiting for the agent: ${committed}`
  let waitedMs = 0
  // In the shape of a watch that has just begun, because the watch of this step goes on from it.
  const details = () => ({ memory: newMemory(Date.now()), seenAt: Date.now(), seen })
  return withHeartbeat(details, async () => {
    for (let before = Date.now(); ;) {
      const looked = await look(() => kubernetes.observeRollout(namespace, workload, cancellationSignal))
      if ('vanished' in looked) return { kind: 'conflict', reason: 'vanished', sentence: looked.vanished }
      const now = Date.now()
      if ('blind' in looked) seen = looked.blind
      else {
        const state = stateOf(looked.observation, changes)
        if (state === 'synced') return undefined
        if (state !== 'before') return { kind: 'conflict', reason: 'changed-by-somebody', sentence: state }
        seen = `waiting for the agent: ${committed}`
        waitedMs += now - before
      }
      if (waitedMs >= syncWithinMs) return late(sync)
      before = now
      await pause(Math.min(lookEveryMs, syncWithinMs))
    }
  })
}

/** Also how far a commit of several containers has come is `before`: an agent applies a workload as one. */
function stateOf(
  { containers }: RolloutObservation,
  changes: ImageChange[],
): 'synced' | 'before' | `${string} by ${string}` {
  const pairs = changes.map((change) => ({
    ...change,
    now: containers.find(({ name, init }) => name === change.name && init === change.init)?.image,
  }))
  if (pairs.every(({ now, to }) => now === to)) return 'synced'
  const other = pairs.find(({ now, from, to }) => now !== from && now !== to)
  return other
    ? `${other.name} runs ${other.now ?? 'another repository'}, expected ${other.from} or ${other.to}: it was set by somebody else`
    : 'before'
}

const late = ({ workload, committed, syncWithinMs }: Sync): StepVerdict => ({
  kind: 'unknown',
  reason: 'not-synced',
  sentence: `no agent applied the commit to ${workload.name} within ${durationWords(syncWithinMs)}: ${committed}. Have it synchronise, or revert that commit`,
})
