import { Context } from '@temporalio/activity'
import { askUrl } from '../clients/ask-url'
import type { Kubernetes } from '../clients/contracts'
import { type Answer, type HealthVerdict, judgeHealth } from '../domain/health'
import type { HttpCheck, UrlCheck } from '../domain/health-check'
import { type HealthSample, serviceAsked } from '../domain/health-tally'
import type { Plan } from '../domain/plan'
import type { RolloutObservation } from '../domain/rollout'
import type { HealthDependencies } from './ask-health'

/** A latency bound may be longer than the time that an answer has otherwise. */
const answerWithinMs = ({ expect }: HttpCheck | UrlCheck): number => Math.max(2_000, (expect.latencyMs ?? 0) + 1_000)

/** Asks each ready pod of one revision each check that asks pods, all at once; `only` one check where it is given. */
export function askPods(
  kubernetes: Pick<Kubernetes, 'podGet'>,
  { policy, service }: Plan,
  looks: readonly RolloutObservation[],
  { isNew, tag, only }: { isNew: boolean; tag: string; only?: number },
): Promise<HealthSample[]> {
  const pods = looks.flatMap((look) => look.pods).filter((pod) => pod.isNew === isNew && pod.ready && !pod.deleting)
  return Promise.all(
    policy.health.flatMap((check, index) =>
      'http' in check && index === (only ?? index)
        ? pods.map(async ({ name }) => ({
            pod: name,
            check: index,
            verdict: judgeHealth(check, tag, await askPod(kubernetes, service.namespace, name, check)),
          }))
        : [],
    ),
  )
}

async function askPod(
  kubernetes: Pick<Kubernetes, 'podGet'>,
  namespace: string,
  pod: string,
  check: HttpCheck,
): Promise<Answer> {
  const began = performance.now()
  try {
    const answer = await kubernetes.podGet(namespace, pod, check.port, check.http, answerWithinMs(check))
    return { ...answer, ms: performance.now() - began }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

/** Asks each URL once; `tag` is the version that should run. */
export function askUrls(
  { environment }: Pick<HealthDependencies, 'environment'>,
  { policy }: Pick<Plan, 'policy'>,
  tag: string,
): Promise<HealthSample[]> {
  return Promise.all(
    policy.health.flatMap((check, index) =>
      'url' in check
        ? [
            urlVerdict(check, tag, environment).then((verdict) => ({
              pod: serviceAsked(index),
              check: index,
              verdict,
            })),
          ]
        : [],
    ),
  )
}

async function urlVerdict(
  check: UrlCheck,
  tag: string,
  environment: HealthDependencies['environment'],
): Promise<HealthVerdict> {
  const signal = Context.current().cancellationSignal
  const answer = await askUrl(check.url, environment, { timeoutMs: answerWithinMs(check), signal })
  return judgeHealth(check, tag, answer)
}
