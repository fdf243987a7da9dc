import { type HealthTally, tallyHealth } from '../domain/health-tally'
import type { Plan } from '../domain/plan'
import type { RolloutObservation } from '../domain/rollout'
import { askPods, askUrls } from './ask-health-http'
import { askJobs, endJobs, type JobsMemory } from './ask-health-job'
import { askMetrics, type MetricsMemory } from './ask-health-metric'
import type { StepVerdict } from './contracts'
import type { Dependencies } from './dependencies'
import { environmentWords } from './health-environment'

export type HealthDependencies = Pick<Dependencies, 'kubernetes' | 'store' | 'environment'>

export interface HealthQuestion {
  plan: Plan
  upgradeId: string
  /** another one for each stage of an upgrade, such as `bake`: names what is started for it */
  stage: string
}

/** What a stage remembers of its health checks; plain JSON, kept in heartbeat details. */
export interface HealthMemory extends MetricsMemory, JobsMemory {
  /** when the stage began, epoch ms */
  since: number
  bad: HealthTally
}

/** Memory of a stage that begins at `now` (epoch ms). */
export const newHealthMemory = (now: number): HealthMemory => ({ since: now, bad: {}, metrics: {}, jobs: {} })

export interface HealthRound {
  memory: HealthMemory
  /** the end of the stage: `failed`, or `unknown` where the old version failed in the same way */
  verdict?: StepVerdict
  /** what can't be read now: the time doesn't count, and after minutes of it nobody can tell */
  blind?: string
  /** what isn't settled yet, such as one bad answer: the stage doesn't end well before it is */
  pending?: string
}

/**
 * Asks one round: every health check of the plan, of the new pods that these looks show ready, of the service's URLs, of
 * Prometheus and of Jobs. To be called about once a second for as long as the stage lasts, then endHealth; never throws
 * because of an answer.
 */
export async function askHealth(
  deps: HealthDependencies,
  question: HealthQuestion,
  looks: readonly RolloutObservation[],
  memory: HealthMemory,
): Promise<HealthRound> {
  const { plan } = question
  const [pods, urls, metrics, jobs] = await Promise.all([
    askPods(deps.kubernetes, plan, looks, { isNew: true, tag: plan.to.tag }),
    askUrls(deps, plan, plan.to.tag),
    askMetrics(deps, question, looks, memory),
    askJobs(deps, question, memory),
  ])
  const { tally, failed, blind, pending } = tallyHealth(memory.bad, [
    ...pods,
    ...urls,
    ...metrics.samples,
    ...jobs.samples,
  ])
  const after = { ...memory, bad: tally, ...metrics.memory, ...jobs.memory }
  if (!failed)
    return { memory: after, ...(blind === undefined ? {} : { blind }), ...(pending === undefined ? {} : { pending }) }
  const environment = await environmentWords(deps, question, looks, failed.check)
  return {
    memory: after,
    verdict:
      environment === undefined
        ? { kind: 'failed', reason: 'health', sentence: failed.sentence }
        : { kind: 'unknown', reason: 'environment', sentence: `${failed.sentence}; ${environment}` },
  }
}

/** Takes away the Jobs that still run for a stage that has ended. */
export const endHealth = (
  { kubernetes }: Pick<HealthDependencies, 'kubernetes'>,
  question: HealthQuestion,
  memory: HealthMemory,
): Promise<void> => endJobs(kubernetes, question, memory)
