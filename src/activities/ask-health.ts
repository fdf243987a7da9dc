import type { Kubernetes } from '../clients/contracts'
import { type HealthSample, type HealthTally, judgeHealth, tallyHealth } from '../domain/health'
import type { Plan } from '../domain/plan'
import type { RolloutObservation } from '../domain/rollout'
import type { StepVerdict } from './contracts'
import type { Dependencies } from './dependencies'

const answerWithinMs = 2_000

export interface HealthQuestion {
  plan: Plan
  upgradeId: string
  /** names what is started for this stage, such as `bake`; letters, digits and hyphens */
  stage: string
}

/** What a stage remembers of its health checks; plain JSON, kept in heartbeat details. */
export interface HealthMemory {
  /** when the stage began, epoch ms */
  since: number
  bad: HealthTally
}

/** Memory of a stage that begins at `now` (epoch ms). */
export const newHealthMemory = (now: number): HealthMemory => ({ since: now, bad: {} })

export interface HealthRound {
  memory: HealthMemory
  /** the end of the stage */
  verdict?: StepVerdict
  /** what can't be read now: the time doesn't count, and after minutes of it nobody can tell */
  blind?: string
  /** what isn't settled yet, such as one bad answer: the stage doesn't end well before it is */
  pending?: string
}

/**
 * Asks one round: every health check of the plan, of the new pods that these looks show ready. To be called about once a
 * second for as long as the stage lasts; never throws because of an answer.
 */
export async function askHealth(
  { kubernetes }: Pick<Dependencies, 'kubernetes' | 'store' | 'environment'>,
  { plan }: HealthQuestion,
  looks: readonly RolloutObservation[],
  memory: HealthMemory,
): Promise<HealthRound> {
  const samples = await Promise.all(looks.map((look) => askPods(kubernetes, plan, look)))
  const { tally, failed, blind } = tallyHealth(memory.bad, samples.flat())
  const after = { ...memory, bad: tally }
  if (failed !== undefined) return { memory: after, verdict: { kind: 'failed', reason: 'health', sentence: failed } }
  const doubtful = Object.keys(tally).find((pod) => (tally[pod] ?? 0) > 0)
  return {
    memory: after,
    ...(blind === undefined ? {} : { blind }),
    ...(doubtful === undefined ? {} : { pending: `${doubtful} gave a bad answer and is asked again` }),
  }
}

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
