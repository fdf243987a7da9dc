import { Context } from '@temporalio/activity'
import type { Kubernetes, WorkloadRef } from '../clients/contracts'
import { RefitError } from '../domain/errors'
import type { RolloutRules } from '../domain/policy'
import { judgeRollout, newMemory, type RolloutMemory, type RolloutObservation, type Verdict } from '../domain/rollout'
import { wantedNew } from '../domain/rollout-kinds'
import { later } from '../domain/rollout-memory'
import { withHeartbeat } from './beat'
import { blame } from './blame'
import { workloadId } from '../domain/service'
import type { StepVerdict } from './contracts'
import type { Samples } from './health-samples'
import { withSight } from './sight'

/** The API server may be away this long before the watch says that it can't tell (law 7). */
export const blindMs = 5 * 60_000

export interface Expected {
  containers: { name: string; init: boolean; image: string }[]
  digest: string | null
  rules: RolloutRules
}

interface Judged {
  verdict: Verdict
  memory: RolloutMemory
}

/** Makes something of one look; may act on what it sees, such as hold the rollout. */
export type Judge = (seen: RolloutObservation, memory: RolloutMemory, now: number) => Judged | Promise<Judged>

/** By the rules for any rollout. */
export const byRules =
  (expected: Expected): Judge =>
  (seen, memory, now) =>
    judgeRollout(seen, expected, expected.rules, memory, now)

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
  judge: Judge = byRules(expected),
  samples?: Samples,
): Promise<StepVerdict> {
  const { info } = Context.current()
  const now = Date.now()
  const progress: Progress = (info.heartbeatDetails as Progress | undefined) ?? {
    memory: newMemory(now),
    seenAt: now,
    seen: 'looking',
  }
  let blindSince: number | undefined
  let hasWaited = false
  return withHeartbeat(
    () => progress,
    () =>
      withSight(kubernetes, namespace, async (sight) => {
        for (;;) {
          const seen = await look(() => sight.observe(workload))
          if ('vanished' in seen)
            return { kind: 'conflict', reason: 'vanished', sentence: seen.vanished, workload: workloadId(workload) }
          if ('blind' in seen) {
            blindSince ??= Date.now()
            progress.seen = seen.blind
            if (Date.now() - blindSince > blindMs)
              return { kind: 'unknown', reason: 'api-server-away', sentence: seen.blind }
          } else {
            blindSince = undefined
            samples?.see(workloadId(workload), seen.observation)
            const verdict = await judgeNow(seen.observation, judge, progress)
            progress.seen = `${workload.name}: ${verdict.sentence}`
            if (verdict.kind !== 'progressing') {
              if (!showsAll(verdict, seen.observation)) {
                // The pods of a rollout that is told to be complete mostly come a moment later: a look costs requests.
                const mayCome = verdict.kind === 'healthy' && !hasWaited
                hasWaited = true
                if (mayCome) await sight.wait()
                if (mayCome || sight.makesSure(workload)) continue
              }
              const lost = (progress.memory.losses ?? []).map(({ pod }) => pod)
              const blamed = await blame(kubernetes, namespace, seen.observation, verdict, lost)
              return { ...ended(blamed), workload: workloadId(workload), at: progress.seenAt }
            }
          }
          await sight.wait()
        }
      }),
  )
}

/**
 * Whether watches show each pod of what they call healthy. Objects come in no order, so that they may tell of a complete
 * rollout before they show its pods; any other end is worth a direct look.
 */
function showsAll({ kind }: Verdict, seen: RolloutObservation): boolean {
  const wanted = wantedNew(seen)
  const ready = seen.pods.filter((pod) => pod.isNew && pod.ready && !pod.deleting).length
  return kind === 'healthy' && wanted > 0 && ready >= wanted
}

/** Longer than this between two looks, and nobody was looking. */
const gapMs = 5_000

/** Judges one look. Time in which nobody could look, or no worker ran, counts neither as a stall nor towards a deadline. */
async function judgeNow(observation: RolloutObservation, judge: Judge, progress: Progress): Promise<Verdict> {
  const now = Date.now()
  const gap = now - progress.seenAt
  const memory = gap > gapMs ? later(progress.memory, gap) : progress.memory
  const judged = await judge(observation, memory, now)
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
