import { Context } from '@temporalio/activity'
import type { Kubernetes, WorkloadRef } from '../clients/contracts'
import { RefitError } from '../domain/errors'
import type { RolloutRules } from '../domain/policy'
import { judgeRollout, newMemory, type RolloutMemory, type RolloutObservation, type Verdict } from '../domain/rollout'
import { withHeartbeat } from './beat'
import type { StepVerdict } from './contracts'
import { withSight } from './sight'

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
  const { info } = Context.current()
  const now = Date.now()
  const progress: Progress = (info.heartbeatDetails as Progress | undefined) ?? {
    memory: newMemory(now),
    seenAt: now,
    seen: 'looking',
  }
  let blindSince: number | undefined
  return withHeartbeat(
    () => progress,
    () =>
      withSight(kubernetes, namespace, async (sight) => {
        for (;;) {
          const seen = await look(() => sight.observe(workload))
          if ('vanished' in seen) return { kind: 'conflict', reason: 'vanished', sentence: seen.vanished }
          if ('blind' in seen) {
            blindSince ??= Date.now()
            progress.seen = seen.blind
            if (Date.now() - blindSince > blindMs)
              return { kind: 'unknown', reason: 'api-server-away', sentence: seen.blind }
          } else {
            blindSince = undefined
            const verdict = judgeNow(seen.observation, expected, progress)
            progress.seen = `${workload.name}: ${verdict.sentence}`
            if (verdict.kind !== 'progressing') {
              if (sight.makesSure(workload)) continue
              return ended(verdict)
            }
          }
          await sight.wait()
        }
      }),
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

const later = (memory: RolloutMemory, ms: number): RolloutMemory => ({
  ...memory,
  startedAt: memory.startedAt + ms,
  highWaterAt: memory.highWaterAt + ms,
  firstSeen: Object.fromEntries(Object.entries(memory.firstSeen).map(([sign, since]) => [sign, since + ms])),
})

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

const ended = ({ kind, reason, sentence }: Verdict): StepVerdict => ({
  kind: kind as StepVerdict['kind'],
  reason,
  sentence,
})
