import { Context } from '@temporalio/activity'
import type { Kubernetes } from '../clients/contracts'
import { judgeHealth, type HealthVerdict } from '../domain/health'
import type { Plan } from '../domain/plan'
import { judgeBake, newBakeMemory, type BakeMemory, type RolloutObservation } from '../domain/rollout'
import { sentenceOf } from '../domain/errors'
import type { StepVerdict, UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'
import { pause } from './failures'
import { look } from './watch-workload'

const lookEveryMs = 1_000
const answerWithinMs = 2_000
/** One bad answer may be a hiccup; two in a row from the same pod are not. */
const badInARow = 2
const blindMs = 5 * 60_000

interface Progress {
  startedAt: number
  workloads: Record<string, BakeMemory>
  bad: Record<string, number>
  seen: string
}

/**
 * Watches the new pods for the plan's bake time: no restart, no lost readiness, every health check as expected. Each new
 * pod is asked at least once, also with a bake of 0.
 */
export const bake =
  ({ store, kubernetes }: Dependencies) =>
  async ({ planHash }: UpgradeKey): Promise<StepVerdict> => {
    const plan = await store.plans.read(planHash)
    const context = Context.current()
    const progress = (context.info.heartbeatDetails as Progress | undefined) ?? { startedAt: Date.now(), workloads: {}, bad: {}, seen: '' }
    let seenAt = Date.now()
    for (;;) {
      const round = await lookAtAll(kubernetes, plan, progress)
      if (round.verdict) return round.verdict
      if (!round.blind) seenAt = Date.now()
      else if (Date.now() - seenAt > blindMs) return { kind: 'unknown', reason: 'health-unreadable', sentence: round.blind }
      const enough = Date.now() - progress.startedAt >= plan.policy.rollout.bakeMs
      if (enough && !round.blind && Object.values(progress.bad).every((count) => count === 0))
        return { kind: 'healthy', reason: 'baked', sentence: `${plan.to.tag} stayed healthy` }
      const left = Math.max(0, Math.ceil((progress.startedAt + plan.policy.rollout.bakeMs - Date.now()) / 1000))
      context.heartbeat({ ...progress, seen: round.blind ?? `healthy so far, ${left} s left` } satisfies Progress)
      await pause(lookEveryMs)
    }
  }

interface Round {
  verdict?: StepVerdict
  /** what could not be read in this round */
  blind?: string
}

async function lookAtAll(kubernetes: Kubernetes, plan: Plan, progress: Progress): Promise<Round> {
  const { namespace } = plan.service
  let blind: string | undefined
  for (const workload of plan.workloads) {
    const seen = await look(() => kubernetes.observeRollout(namespace, workload, Context.current().cancellationSignal))
    if ('vanished' in seen) return { verdict: { kind: 'conflict', reason: 'vanished', sentence: seen.vanished } }
    if ('blind' in seen) {
      blind = seen.blind
      continue
    }
    const memory = (progress.workloads[workload.name] ??= newBakeMemory(seen.observation))
    const judged = judgeBake(seen.observation, { containers: workload.containers.map(({ name, init, to }) => ({ name, init, image: to })) }, memory, Date.now())
    progress.workloads[workload.name] = judged.memory
    if (judged.verdict.kind === 'failed' || judged.verdict.kind === 'conflict' || judged.verdict.kind === 'unknown')
      return { verdict: { kind: judged.verdict.kind, reason: judged.verdict.reason, sentence: `${workload.name}: ${judged.verdict.sentence}` } }
    const health = await askPods(kubernetes, plan, seen.observation, progress)
    if (health.verdict) return health
    blind = health.blind ?? blind
  }
  return { blind }
}

/** Asks each new pod each health check, all pods at once. */
async function askPods(kubernetes: Kubernetes, plan: Plan, observation: RolloutObservation, progress: Progress): Promise<Round> {
  const pods = observation.pods.filter((pod) => pod.isNew && pod.ready && !pod.deleting)
  const asked = await Promise.all(
    pods.flatMap((pod) => plan.policy.health.map(async (check) => ({ pod: pod.name, said: await ask(kubernetes, plan, pod.name, check) }))),
  )
  let blind: string | undefined
  for (const { pod, said } of asked) {
    if (said.kind === 'unknown') blind = `${pod}: ${said.sentence}`
    else progress.bad[pod] = said.kind === 'bad' ? (progress.bad[pod] ?? 0) + 1 : 0
    if ((progress.bad[pod] ?? 0) >= badInARow)
      return { verdict: { kind: 'failed', reason: 'health', sentence: `${pod}: ${said.sentence}` } }
  }
  for (const pod of Object.keys(progress.bad)) if (!asked.some((each) => each.pod === pod)) delete progress.bad[pod]
  return { blind }
}

async function ask(kubernetes: Kubernetes, plan: Plan, pod: string, check: Plan['policy']['health'][number]): Promise<HealthVerdict> {
  try {
    return judgeHealth(check, plan.to.tag, await kubernetes.podGet(plan.service.namespace, pod, check.port, check.http, answerWithinMs))
  } catch (error) {
    return judgeHealth(check, plan.to.tag, { error: sentenceOf(error) })
  }
}
