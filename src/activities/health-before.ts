import { type EventKind, stepKeys } from '../domain/event'
import type { HealthVerdict } from '../domain/health'
import { checkName, type HealthCheck } from '../domain/health-check'
import { judgeMetric } from '../domain/health-metric'
import { type HealthSample, serviceAsked } from '../domain/health-tally'
import type { Plan } from '../domain/plan'
import type { RolloutObservation } from '../domain/rollout'
import type { HealthDependencies } from './ask-health'
import { askPods, askUrls } from './ask-health-http'
import { askMetric } from './ask-health-metric'
import { pause } from './failures'
import { look } from './watch-workload'

/** A hiccup must not look as if the old version were sick, nor cost an approval. */
const rounds = 3
const againMs = 1_000

/**
 * Asks the health checks of what runs before the first write: each that can be asked without the new image. One that can't
 * be read would end the upgrade as unknown, so it refuses it: the answer is the reason, with the next step. One that the
 * old version fails goes on record: the new version is not blamed for it.
 */
export async function healthRefusal(
  deps: HealthDependencies,
  { plan, upgradeId }: { plan: Plan; upgradeId: string },
): Promise<string | undefined> {
  if (!plan.policy.health.some((check) => !('job' in check))) return undefined
  let faults: Fault[] = []
  for (let round = 1; round <= rounds; round += 1) {
    faults = faultsIn(plan, await askAll(deps, plan))
    if (faults.length === 0) return undefined
    if (round < rounds) await pause(againMs)
  }
  const unread = faults.find(({ kind }) => kind === 'unknown')
  if (unread)
    return `the health check ${checkName(unread.check)} says nothing about what runs now: ${unread.sentence}. Mend it, or what it asks, before an upgrade has to be judged by it.`
  for (const { index, sentence } of faults)
    await deps.store.upgrades.record({
      upgradeId,
      key: stepKeys.healthBefore(index),
      phase: 'preflight',
      kind: 'check-failed' satisfies EventKind,
      message: `it failed before the upgrade, too: ${sentence}`,
    })
  return undefined
}

interface Fault extends HealthVerdict {
  index: number
  check: HealthCheck
}

/** What is bad wherever it was asked, or can't be read. Old pods may lack what the new ones are asked for; a URL or a query stays what it is. */
function faultsIn({ policy }: Plan, samples: readonly HealthSample[]): Fault[] {
  return policy.health.flatMap((check, index): Fault[] => {
    const said = samples.filter((sample) => sample.check === index).map(({ verdict }) => verdict)
    const bad = said.every(({ kind }) => kind === 'bad') ? said[0] : undefined
    const unread = 'http' in check ? undefined : said.find(({ kind }) => kind === 'unknown')
    const fault = bad ?? unread
    return fault ? [{ ...fault, index, check }] : []
  })
}

async function askAll(deps: HealthDependencies, plan: Plan): Promise<HealthSample[]> {
  const looks = await looksAt(deps, plan)
  const samples = await Promise.all([
    askOldPods(deps, plan, looks),
    askUrls(deps, plan, plan.from.tag),
    askQueries(deps, plan, looks),
  ])
  return samples.flat()
}

/** Before the first write every pod is one of the old version, whichever revision it is of. */
async function looksAt({ kubernetes }: HealthDependencies, plan: Plan): Promise<RolloutObservation[]> {
  const seen = await Promise.all(
    plan.workloads.map((workload) => look(() => kubernetes.observeRollout(plan.service.namespace, workload))),
  )
  return seen.flatMap((each) => ('observation' in each ? each.observation : []))
}

const askOldPods = ({ kubernetes }: HealthDependencies, plan: Plan, looks: RolloutObservation[]) => {
  const all = looks.map((each) => ({ ...each, pods: each.pods.map((pod) => ({ ...pod, isNew: false })) }))
  return askPods(kubernetes, plan, all, { isNew: false, tag: plan.from.tag })
}

function askQueries(deps: HealthDependencies, plan: Plan, looks: RolloutObservation[]): Promise<HealthSample[]> {
  const to = Date.now()
  const pods = looks.flatMap((each) => each.pods)
  return Promise.all(
    plan.policy.health.flatMap((check, index) => {
      if (!('query' in check)) return []
      return [
        askMetric(deps, plan, check, { pods, from: to - check.overMs, to }).then((now) => ({
          pod: serviceAsked(index),
          check: index,
          verdict: judgeMetric(check, { now, before: now, elapsedMs: Infinity }),
        })),
      ]
    }),
  )
}
