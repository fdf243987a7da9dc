import { Context } from '@temporalio/activity'
import type { Kubernetes, WorkloadRef } from '../clients/contracts'
import { RefitError } from '../domain/errors'
import type { RolloutRules } from '../domain/policy'
import { judgeRollout, newMemory, type RolloutMemory, type RolloutObservation, type Verdict } from '../domain/rollout'
import { later } from '../domain/rollout-memory'
import { withHeartbeat } from './beat'
import { blame } from './blame'
import type { StepVerdict } from './contracts'
import { pause } from './failures'

/** Between two looks at a workload; three GETs each. */
const lookEveryMs = 500
/** The API server may be away this long before the watch says that it can't tell (law 7). */
export const blindMs = 5 * 60_000

interface Expected {
  containers: { name: string; init: boolean; image: string }[]
  digest: string | null
  rules: RolloutRules
}

/** What a new attempt goes on from; plain JSON. */
interface Progress {
  memory: RolloutMemory
  /** the last look that showed something, epoch ms */
  seenAt: number
  /** for the person who opens the pending activity in the Web UI */
  seen: string
}

/** Looks until the rules give a verdict. What it remembers travels in the heartbeat, so that a new attempt goes on from it. */
export function watchWorkload(
  kubernetes: Kubernetes,
  namespace: string,
  workload: WorkloadRef,
  expected: Expected,
): Promise<StepVerdict> {
  const { info, cancellationSignal } = Context.current()
  const now = Date.now()
  const progress: Progress = (info.heartbeatDetails as Progress | undefined) ?? {
    memory: newMemory(now),
    seenAt: now,
    seen: 'looking',
  }
  let blindSince: number | undefined
  return withHeartbeat(
    () => progress,
    async () => {
      for (;;) {
        const seen = await look(() => kubernetes.observeRollout(namespace, workload, cancellationSignal))
        if ('vanished' in seen) return { kind: 'conflict', reason: 'vanished', sentence: seen.vanished }
        if ('blind' in seen) {
          blindSince ??= Date.now()
          progress.seen = seen.blind
          if (Date.now() - blindSince > blindMs)
            return { kind: 'unknown', reason: 'api-server-away', sentence: seen.blind }
        } else {
          blindSince = undefined
          const verdict = judgeNow(seen.observation, expected, progress)
          if (verdict.kind !== 'progressing') {
            const lost = (progress.memory.losses ?? []).map(({ pod }) => pod)
            return ended(await blame(kubernetes, namespace, seen.observation, verdict, lost))
          }
          progress.seen = `${workload.name}: ${verdict.sentence}`
        }
        await pause(lookEveryMs)
      }
    },
  )
}

/** Longer than this between two looks, and nobody was looking. */
const gapMs = 5_000

/** Judges one look. Time in which nobody could look, or no worker ran, counts neither as a stall nor towards a deadline. */
function judgeNow(observation: RolloutObservation, expected: Expected, progress: Progress): Verdict {
  const now = Date.now()
  const gap = now - progress.seenAt
  const memory = gap > gapMs ? later(progress.memory, gap) : progress.memory
  const judged = judgeRollout(observation, expected, expected.rules, memory, now)
  progress.memory = judged.memory
  progress.seenAt = now
  return judged.verdict
}

type Look = { observation: RolloutObservation } | { blind: string } | { vanished: string }

/** One look: what can't be read now is `blind`, which is not a failure. */
export async function look(observe: () => Promise<RolloutObservation>): Promise<Look> {
  try {
    return { observation: await observe() }
  } catch (error) {
    if (error instanceof RefitError && error.code === 'KUBERNETES_NOT_FOUND') return { vanished: error.message }
    if (error instanceof RefitError && error.retryable) return { blind: error.message }
    throw error
  }
}

const ended = ({ kind, ...rest }: Verdict): StepVerdict => ({ kind: kind as StepVerdict['kind'], ...rest })
