import { Context } from '@temporalio/activity'
import type { ImageChange, Kubernetes, WorkloadRef } from '../clients/contracts'
import { newMemory, type RolloutObservation } from '../domain/rollout'
import { durationWords } from '../domain/text'
import { withHeartbeat } from './beat'
import type { StepVerdict } from './contracts'
import { pause } from './failures'
import { blindMs as mayBeBlindMs, look } from './watch-workload'

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
export async function untilSynced(kubernetes: Kubernetes, sync: Sync): Promise<StepVerdict | undefined> {
  let seen = await lookOnce(kubernetes, sync)
  if (typeof seen === 'object') return seen.verdict
  // In the shape of a watch that has just begun, because the watch of this step goes on from it.
  const details = () => ({ memory: newMemory(Date.now()), seenAt: Date.now(), seen })
  return withHeartbeat(details, async () => {
    let [waitedMs, blindMs] = [0, 0]
    for (let at = Date.now(); ; at = Date.now()) {
      await pause(Math.min(lookEveryMs, sync.syncWithinMs))
      const now = await lookOnce(kubernetes, sync)
      if (typeof now === 'object') return now.verdict
      seen = now
      // An API server that is away says nothing of the agent.
      const isBlind = seen !== waitingFor(sync)
      blindMs = isBlind ? blindMs + Date.now() - at : 0
      if (!isBlind) waitedMs += Date.now() - at
      if (blindMs > mayBeBlindMs) return { kind: 'unknown', reason: 'api-server-away', sentence: seen }
      if (waitedMs >= sync.syncWithinMs) return late(sync)
    }
  })
}

const waitingFor = ({ committed }: Sync): string => `waiting for the agent: ${committed}`

/** How it ends, or what it waits for. */
async function lookOnce(kubernetes: Kubernetes, sync: Sync): Promise<{ verdict: StepVerdict | undefined } | string> {
  const { namespace, workload, changes } = sync
  const { cancellationSignal } = Context.current()
  const looked = await look(() => kubernetes.observeRollout(namespace, workload, cancellationSignal))
  if ('vanished' in looked) return { verdict: { kind: 'conflict', reason: 'vanished', sentence: looked.vanished } }
  if ('blind' in looked) return looked.blind
  const state = stateOf(looked.observation, changes)
  if (state === 'synced') return { verdict: undefined }
  if (state === 'before') return waitingFor(sync)
  return { verdict: { kind: 'conflict', reason: 'changed-by-somebody', sentence: state.other } }
}

function stateOf({ containers }: RolloutObservation, changes: ImageChange[]): 'synced' | 'before' | { other: string } {
  const pairs = changes.map((change) => ({
    ...change,
    now: containers.find(({ name, init }) => name === change.name && init === change.init)?.image,
  }))
  if (pairs.every(({ now, to }) => now === to)) return 'synced'
  const other = pairs.find(({ now, from, to }) => now !== from && now !== to)
  if (!other) return 'before'
  const { name, now, from, to } = other
  return {
    other: `${name} runs ${now ?? 'another repository'}, expected ${from} or ${to}: it was set by somebody else`,
  }
}

const late = ({ workload, committed, syncWithinMs }: Sync): StepVerdict => ({
  kind: 'unknown',
  reason: 'not-synced',
  sentence: `no agent applied the commit to ${workload.name} within ${durationWords(syncWithinMs)}: ${committed}. Have it synchronise, or revert that commit`,
})
