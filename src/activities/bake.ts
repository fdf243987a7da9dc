import { Context } from '@temporalio/activity'
import type { Kubernetes } from '../clients/contracts'
import { type BakeMemory, judgeBake, newBakeMemory } from '../domain/bake'
import { type HealthSample, type HealthTally, judgeHealth, tallyHealth } from '../domain/health'
import type { Plan, PlannedWorkload } from '../domain/plan'
import type { RolloutObservation, Verdict } from '../domain/rollout'
import type { StepVerdict, UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'
import { withHeartbeat } from './beat'
import { pause } from './failures'
import { type Sight, withSight } from './sight'
import { blindMs, look } from './watch-workload'

const lookEveryMs = 1_000
const answerWithinMs = 2_000

/** Travels in the heartbeat, so that a new attempt goes on from it. */
interface Progress {
  /** how long the pods were seen, ms */
  bakedMs: number
  workloads: Record<string, BakeMemory>
  bad: HealthTally
  /** for the person who opens the pending activity in the Web UI */
  seen: string
}

interface Round {
  verdict?: StepVerdict
  /** what could not be read in this round */
  blind?: string
  /** a workload that has fewer ready pods than are wanted, as after an eviction */
  missing?: string
}

/**
 * Watches the new pods for the plan's bake time: no restart, no lost readiness, every health check as expected. Each new
 * pod is asked at least once, also with a bake of 0. Time in which nothing could be seen doesn't count as baked.
 */
export const bake =
  ({ store, kubernetes }: Dependencies) =>
  async ({ planHash }: UpgradeKey): Promise<StepVerdict> => {
    const plan = await store.plans.read(planHash)
    const progress: Progress = (Context.current().info.heartbeatDetails as Progress | undefined) ?? {
      bakedMs: 0,
      workloads: {},
      bad: {},
      seen: 'looking',
    }
    return withHeartbeat(
      () => progress,
      () => withSight(kubernetes, plan.service.namespace, (sight) => watchBake({ kubernetes, sight }, plan, progress)),
    )
  }

interface Eyes {
  kubernetes: Kubernetes
  sight: Sight
}

async function watchBake(eyes: Eyes, plan: Plan, progress: Progress): Promise<StepVerdict> {
  const { bakeMs } = plan.policy.rollout
  let seenAt = Date.now()
  for (;;) {
    const { verdict, blind, missing } = await lookAtAll(eyes, plan, progress)
    if (verdict) return verdict
    const now = Date.now()
    if (blind === undefined) {
      progress.bakedMs += now - seenAt
      seenAt = now
    } else if (now - seenAt > blindMs) return { kind: 'unknown', reason: 'health-unreadable', sentence: blind }
    const allGood = blind === undefined && !missing && Object.values(progress.bad).every((count) => count === 0)
    if (allGood && progress.bakedMs >= bakeMs)
      return { kind: 'healthy', reason: 'baked', sentence: `${plan.to.tag} stayed healthy` }
    const left = Math.max(0, Math.ceil((bakeMs - progress.bakedMs) / 1000))
    progress.seen = blind ?? (missing ? `${missing} waits for a pod` : `healthy so far, ${left} s left`)
    await pause(lookEveryMs)
  }
}

/** One round over every workload at once; the answers of all pods are counted together. */
async function lookAtAll(eyes: Eyes, plan: Plan, progress: Progress): Promise<Round> {
  const rounds = await Promise.all(plan.workloads.map((workload) => lookAt(eyes, plan, workload, progress)))
  const { tally, failed, blind } = tallyHealth(
    progress.bad,
    rounds.flatMap(({ samples }) => samples),
  )
  progress.bad = tally
  const verdict = rounds.find((round) => round.verdict)?.verdict
  if (verdict) return { verdict }
  if (failed !== undefined) return { verdict: { kind: 'failed', reason: 'health', sentence: failed } }
  return {
    blind: rounds.find((round) => round.blind)?.blind ?? blind,
    missing: rounds.find((round) => round.missing)?.missing,
  }
}

async function lookAt(
  eyes: Eyes,
  plan: Plan,
  workload: PlannedWorkload,
  progress: Progress,
): Promise<Round & { samples: HealthSample[] }> {
  const seen = await look(() => eyes.sight.observe(workload))
  if ('vanished' in seen)
    return { verdict: { kind: 'conflict', reason: 'vanished', sentence: seen.vanished }, samples: [] }
  if ('blind' in seen) return { blind: seen.blind, samples: [] }
  const expected = { containers: workload.containers.map(({ name, init, to }) => ({ name, init, image: to })) }
  const before = progress.workloads[workload.name] ?? newBakeMemory(seen.observation)
  const { verdict, memory } = judgeBake(seen.observation, expected, before)
  if (isEnd(verdict) && eyes.sight.makesSure(workload)) return lookAt(eyes, plan, workload, progress)
  progress.workloads[workload.name] = memory
  if (isEnd(verdict))
    return {
      verdict: { kind: verdict.kind, reason: verdict.reason, sentence: `${workload.name}: ${verdict.sentence}` },
      samples: [],
    }
  const ready = seen.observation.pods.filter((pod) => pod.isNew && pod.ready && !pod.deleting).length
  return {
    samples: await askPods(eyes.kubernetes, plan, seen.observation),
    ...(ready < seen.observation.desired ? { missing: workload.name } : {}),
  }
}

const isEnd = (verdict: Verdict): verdict is Verdict & { kind: 'failed' | 'conflict' | 'unknown' } =>
  verdict.kind === 'failed' || verdict.kind === 'conflict' || verdict.kind === 'unknown'

/** Asks each new pod each health check, all at once. */
function askPods(kubernetes: Kubernetes, plan: Plan, { pods }: RolloutObservation): Promise<HealthSample[]> {
  const asked = pods.filter((pod) => pod.isNew && pod.ready && !pod.deleting)
  return Promise.all(
    asked.flatMap(({ name }) =>
      plan.policy.health.map(async (check) => {
        const answer = await kubernetes
          .podGet(plan.service.namespace, name, check.port, check.http, answerWithinMs)
          .catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }))
        return { pod: name, verdict: judgeHealth(check, plan.to.tag, answer) }
      }),
    ),
  )
}
