import { Context } from '@temporalio/activity'
import { queryRange } from '../clients/prometheus'
import { isWrite } from '../domain/event'
import type { HealthVerdict } from '../domain/health'
import type { MetricCheck } from '../domain/health-check'
import { judgeMetric, type MetricAnswer, stepMsOf } from '../domain/health-metric'
import { filledQuery } from '../domain/health-query'
import { type HealthSample, serviceAsked } from '../domain/health-tally'
import type { Plan } from '../domain/plan'
import type { RolloutObservation } from '../domain/rollout'
import type { HealthDependencies, HealthQuestion } from './ask-health'

/** Plain JSON, by the check's index. */
export interface MetricsMemory {
  metrics: Record<string, { at: number; verdict: HealthVerdict }>
  /** when the first write was, epoch ms */
  firstWriteAt?: number
}

/** Scrapes are seconds apart: asking more often shows nothing new. */
const mostMs = 10_000
const leastMs = 1_000
const everyMs = (check: MetricCheck): number => Math.min(mostMs, Math.max(leastMs, stepMsOf(check) / 2))

/** Asks Prometheus each query that is due; between two answers the last one stands. */
export async function askMetrics(
  deps: HealthDependencies,
  question: HealthQuestion,
  looks: readonly RolloutObservation[],
  memory: MetricsMemory & { since: number },
): Promise<{ samples: HealthSample[]; memory: MetricsMemory }> {
  const after: MetricsMemory = { metrics: { ...memory.metrics } }
  const checks = question.plan.policy.health.flatMap((check, index) => ('query' in check ? [{ check, index }] : []))
  if (checks.length === 0) return { samples: [], memory: after }
  const firstWriteAt = memory.firstWriteAt ?? (await firstWrite(deps, question)) ?? memory.since
  const samples = checks.map(async ({ check, index }): Promise<HealthSample> => {
    const at = Date.now()
    const last = memory.metrics[index]
    const isDue = last === undefined || at - last.at >= everyMs(check)
    const verdict = isDue
      ? await metricVerdict(deps, question.plan, check, { looks, at, since: memory.since, firstWriteAt })
      : last.verdict
    after.metrics[index] = isDue ? { at, verdict } : last
    return { pod: serviceAsked(index), check: index, verdict, isSure: true }
  })
  return { samples: await Promise.all(samples), memory: { ...after, firstWriteAt } }
}

interface When {
  looks: readonly RolloutObservation[]
  at: number
  since: number
  firstWriteAt: number
}

async function metricVerdict(
  deps: HealthDependencies,
  plan: Plan,
  check: MetricCheck,
  { looks, at, since, firstWriteAt }: When,
): Promise<HealthVerdict> {
  const pods = looks.flatMap((look) => look.pods.filter((pod) => pod.isNew && !pod.deleting))
  // What was measured before the new pods were ready is none of theirs.
  const from = Math.max(since, at - check.overMs)
  const [now, before] = await Promise.all([
    askMetric(deps, plan, check, { pods, from, to: at }),
    check.worse === undefined
      ? undefined
      : askMetric(deps, plan, check, { pods: [], from: firstWriteAt - check.overMs, to: firstWriteAt }),
  ])
  return judgeMetric(check, { now, ...(before ? { before } : {}), elapsedMs: at - since })
}

/** The values of a check's query; instants are epoch ms. */
export const askMetric = (
  { environment }: Pick<HealthDependencies, 'environment'>,
  { service }: Plan,
  check: MetricCheck,
  { pods, from, to }: { pods: readonly { name: string }[]; from: number; to: number },
): Promise<MetricAnswer> => {
  const { prometheus, token } = check
  const query = filledQuery(check.query, { ...service, pods: pods.map(({ name }) => name) })
  const signal = Context.current().cancellationSignal
  return queryRange({ prometheus, token, query, from, to, stepMs: stepMsOf(check) }, environment, signal)
}

async function firstWrite({ store }: HealthDependencies, { upgradeId }: HealthQuestion): Promise<number | undefined> {
  const writes = (await store.upgrades.events(upgradeId)).filter(({ kind }) => isWrite(kind))
  return writes.length > 0 ? Math.min(...writes.map(({ at }) => at.getTime())) : undefined
}
