import { Context } from '@temporalio/activity'
import type { Kubernetes, WorkloadRef } from '../clients/contracts'
import { RefitError } from '../domain/errors'
import type { RolloutRules } from '../domain/policy'
import { judgeRollout, newMemory, type RolloutMemory, type RolloutObservation, type Verdict } from '../domain/rollout'
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

interface Progress {
  memory: RolloutMemory
  /** for the person who opens the pending activity in the Web UI */
  seen: string
}

/** Looks until the rules give a verdict. What it remembers travels in the heartbeat, so that a new attempt goes on from it. */
export async function watchWorkload(
  kubernetes: Kubernetes,
  namespace: string,
  workload: WorkloadRef,
  expected: Expected,
): Promise<StepVerdict> {
  const context = Context.current()
  let memory = (context.info.heartbeatDetails as Progress | undefined)?.memory ?? newMemory(Date.now())
  let blindSince: number | undefined
  for (;;) {
    const seen = await look(() => kubernetes.observeRollout(namespace, workload, context.cancellationSignal))
    if ('vanished' in seen) return { kind: 'conflict', reason: 'vanished', sentence: seen.vanished }
    if ('blind' in seen) {
      blindSince ??= Date.now()
      if (Date.now() - blindSince > blindMs) return { kind: 'unknown', reason: 'api-server-away', sentence: seen.blind }
      context.heartbeat({ memory, seen: seen.blind } satisfies Progress)
    } else {
      blindSince = undefined
      const judged = judgeRollout(seen.observation, expected, expected.rules, memory, Date.now())
      memory = judged.memory
      if (judged.verdict.kind !== 'progressing') return ended(judged.verdict)
      context.heartbeat({ memory, seen: `${workload.name}: ${judged.verdict.sentence}` } satisfies Progress)
    }
    await pause(lookEveryMs)
  }
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

function ended({ kind, reason, sentence }: Verdict): StepVerdict {
  return { kind: kind as StepVerdict['kind'], reason, sentence }
}
