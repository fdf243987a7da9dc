import { Context } from '@temporalio/activity'
import { type BakeMemory, judgeBake, newBakeMemory } from '../domain/bake'
import type { HealthTally } from '../domain/health-tally'
import type { PlannedWorkload } from '../domain/plan'
import type { RolloutObservation } from '../domain/rollout'
import { wantedNew } from '../domain/rollout-kinds'
import { workloadId } from '../domain/service'
import {
  askHealth,
  endHealth,
  type HealthMemory,
  type HealthRound,
  type HealthQuestion,
  newHealthMemory,
} from './ask-health'
import { bakeStage } from './bake-stage'
import type { StageKey, StepVerdict, UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'
import { withHeartbeat } from './beat'
import { type Samples, samplesOf } from './health-samples'
import { blame } from './blame'
import { type Sight, withSight } from './sight'
import { blindMs, look } from './watch-workload'

const lookEveryMs = 1_000

/** Travels in the heartbeat, so that a new attempt goes on from it. */
interface Progress {
  /** how long the pods were seen, ms */
  bakedMs: number
  workloads: Record<string, BakeMemory>
  health: HealthMemory
  /** for the person who opens the pending activity in the Web UI */
  seen: string
}

interface Watching extends Dependencies {
  sight: Sight
  samples: Samples
}

interface Round {
  verdict?: StepVerdict
  /** what could not be read in this round */
  blind?: string
  /** why the bake can't end well yet, such as fewer ready pods than are wanted after an eviction */
  pending?: string
}

/**
 * Watches the new pods for the plan's bake time, or those of one workload in a stage for the stage's: no restart, no lost readiness, every health check as expected. Each new
 * pod is asked at least once, also with a bake of 0. Time in which nothing could be seen doesn't count as baked.
 */
export const bake =
  (deps: Dependencies) =>
  async (key: UpgradeKey & Partial<StageKey>): Promise<StepVerdict> => {
    const { upgradeId, planHash, workload, stage } = key
    const plan = await deps.store.plans.read(planHash)
    const progress = progressOf(Context.current().info.heartbeatDetails as Earlier | undefined)
    const watch = (around: Dependencies, question: HealthQuestion): Promise<StepVerdict> =>
      withHeartbeat(
        () => progress,
        () =>
          withSight(around.kubernetes, plan.service.namespace, (sight) =>
            watchToEnd({ ...around, sight, samples: samplesOf(deps.store, upgradeId) }, question, progress),
          ),
      )
    if (workload === undefined || stage === undefined) return watch(deps, { plan, upgradeId, stage: 'bake' })
    return bakeStage(deps, { plan, upgradeId, workload, index: stage }, watch)
  }

/** Workers of earlier builds kept the tally of bad answers beside the rest. */
type Earlier = Partial<Progress> & { bad?: HealthTally }

function progressOf(earlier: Earlier = {}): Progress {
  const { bakedMs = 0, workloads = {}, bad = {}, seen = 'looking' } = earlier
  return { bakedMs, workloads, seen, health: earlier.health ?? { ...newHealthMemory(Date.now()), bad } }
}

/** A worker that shuts down leaves running checks to the next attempt; everybody else takes them away. */
async function watchToEnd(deps: Watching, question: HealthQuestion, progress: Progress): Promise<StepVerdict> {
  try {
    const verdict = await watchBake(deps, question, progress)
    await endHealth(deps, question, progress.health)
    return verdict
  } catch (error) {
    if (Context.current().cancellationDetails?.cancelRequested) await endHealth(deps, question, progress.health)
    throw error
  }
}

async function watchBake(deps: Watching, question: HealthQuestion, progress: Progress): Promise<StepVerdict> {
  const { policy, to } = question.plan
  const { bakeMs } = policy.rollout
  let seenAt = Date.now()
  let wasBlind = false
  for (;;) {
    const { verdict, blind, pending } = await lookAtAll(deps, question, progress)
    if (verdict) return verdict
    const now = Date.now()
    if (blind === undefined) {
      progress.bakedMs += wasBlind ? 0 : now - seenAt
      seenAt = now
    } else if (now - seenAt > blindMs) return { kind: 'unknown', reason: 'health-unreadable', sentence: blind }
    wasBlind = blind !== undefined
    if (!wasBlind && pending === undefined && progress.bakedMs >= bakeMs) {
      // A watch whose connection is lost goes on showing what was: the end is seen directly.
      if (question.plan.workloads.map((workload) => deps.sight.makesSure(workload)).some(Boolean)) continue
      return { kind: 'healthy', reason: 'baked', sentence: `${to.tag} stayed healthy` }
    }
    const left = Math.max(0, Math.ceil((bakeMs - progress.bakedMs) / 1000))
    progress.seen = blind ?? pending ?? `healthy so far, ${left} s left`
    const ended = await untilNextRound(deps, question, progress)
    if (ended) return ended
  }
}

/** Health is asked once a second; what watches tell of the pods meanwhile is judged at once. */
async function untilNextRound(
  deps: Watching,
  question: HealthQuestion,
  progress: Progress,
): Promise<StepVerdict | undefined> {
  const due = Date.now() + lookEveryMs
  for (let left = lookEveryMs; left > 0; left = due - Date.now()) {
    await deps.sight.wait(left)
    if (Date.now() >= due) return undefined
    const { verdict } = endOf(await lookAtPods(deps, question, progress))
    if (verdict) return verdict
  }
  return undefined
}

/** One round over every workload at once; the answers of all pods are counted together. */
async function lookAtAll(deps: Watching, question: HealthQuestion, progress: Progress): Promise<Round> {
  const rounds = await lookAtPods(deps, question, progress)
  const ended = endOf(rounds)
  if (ended.verdict) return ended
  const looks = rounds.flatMap(({ seen }) => seen ?? [])
  const health = await askHealth(deps, question, looks, progress.health)
  progress.health = health.memory
  rounds.forEach(({ seen }, index) => {
    const workload = question.plan.workloads[index]
    if (seen && workload) deps.samples.see(workloadId(workload), seen, healthyBy(question, health))
  })
  return {
    ...(health.verdict ? { verdict: health.verdict } : {}),
    blind: rounds.find((round) => round.blind)?.blind ?? health.blind,
    pending: rounds.find((round) => round.pending)?.pending ?? health.pending,
  }
}

type PodsRound = Round & { seen?: RolloutObservation }

const lookAtPods = (deps: Watching, { plan }: HealthQuestion, progress: Progress): Promise<PodsRound[]> =>
  Promise.all(plan.workloads.map((workload) => lookAt(deps, plan.service.namespace, workload, progress)))

const endOf = (rounds: readonly Round[]): Round => rounds.find(({ verdict }) => verdict) ?? {}

/** What the checks of this round say of the new version; null where none was asked or none could be read. */
function healthyBy({ plan }: HealthQuestion, { verdict, memory, blind }: HealthRound): boolean | null {
  if (plan.policy.health.length === 0 || blind !== undefined) return null
  return verdict === undefined && Object.values(memory.bad).every((count) => count === 0)
}

async function lookAt(
  deps: Watching,
  namespace: string,
  workload: PlannedWorkload,
  progress: Progress,
): Promise<PodsRound> {
  const seen = await look(() => deps.sight.observe(workload))
  if ('vanished' in seen)
    return {
      verdict: { kind: 'conflict', reason: 'vanished', sentence: seen.vanished, workload: workloadId(workload) },
    }
  if ('blind' in seen) return { blind: seen.blind }
  const expected = { containers: workload.containers.map(({ name, init, to }) => ({ name, init, image: to })) }
  const before = progress.workloads[workloadId(workload)] ?? newBakeMemory(seen.observation)
  const { verdict, memory } = judgeBake(seen.observation, expected, before)
  const isEnd = verdict.kind !== 'healthy' && verdict.kind !== 'progressing'
  if (isEnd && deps.sight.makesSure(workload)) return lookAt(deps, namespace, workload, progress)
  progress.workloads[workloadId(workload)] = memory
  if (verdict.kind === 'failed' || verdict.kind === 'conflict' || verdict.kind === 'unknown') {
    const said: StepVerdict = {
      ...verdict,
      kind: verdict.kind,
      sentence: `${workload.name}: ${verdict.sentence}`,
      workload: workloadId(workload),
    }
    const lost = seen.observation.pods.map(({ name }) => name)
    return { verdict: await blame(deps.kubernetes, namespace, seen.observation, said, lost) }
  }
  const ready = seen.observation.pods.filter((pod) => pod.isNew && pod.ready && !pod.deleting).length
  return {
    seen: seen.observation,
    ...(ready < wantedNew(seen.observation) ? { pending: `${workload.name} waits for a pod` } : {}),
  }
}
