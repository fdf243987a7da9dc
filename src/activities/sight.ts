import { Context } from '@temporalio/activity'
import type { Following, Kubernetes, WorkloadRef } from '../clients/contracts'
import type { RolloutObservation } from '../domain/rollout'
import { pause } from './failures'

/** Between two looks at what doesn't change: graces and deadlines pass meanwhile. Such a look costs no request. */
const lookEveryMs = 1_000
/** Kubernetes changes several objects at once: what follows so soon after a look is looked at together. */
const settleMs = 100

/** How an activity sees workloads: through watches that all upgrades share, and directly before it says anything final. */
export interface Sight {
  /** Throws KUBERNETES_*. */
  observe(workload: WorkloadRef): Promise<RolloutObservation>
  /** Whether the last look was through a watch, which may be moments behind: then the next one is direct. */
  makesSure(workload: WorkloadRef): boolean
  /** Until something has changed, or time itself may have changed a verdict: `atMostMs`, by default a second. */
  wait(atMostMs?: number): Promise<void>
}

/** Lets work see through watches for as long as it runs. */
export async function withSight<T>(
  kubernetes: Kubernetes,
  namespace: string,
  work: (sight: Sight) => Promise<T>,
): Promise<T> {
  const { cancellationSignal: signal } = Context.current()
  const followed = new Map<string, Following>()
  const [directNext, wasDirect] = [new Set<string>(), new Set<string>()]
  const following = (workload: WorkloadRef): Following => {
    const one = followed.get(workload.uid) ?? kubernetes.followRollout(namespace, workload)
    followed.set(workload.uid, one)
    return one
  }
  let lookedAt = 0
  try {
    return await work({
      observe: (workload) => {
        const { uid } = workload
        lookedAt = Date.now()
        if (!directNext.delete(uid)) {
          wasDirect.delete(uid)
          return following(workload).look(signal)
        }
        wasDirect.add(uid)
        return following(workload).lookDirectly(signal)
      },
      makesSure: ({ uid }) => {
        if (!wasDirect.has(uid)) directNext.add(uid)
        return directNext.has(uid)
      },
      wait: async (atMostMs = lookEveryMs) => {
        const over = new AbortController()
        const changes = [...followed.values()].map((each) => each.changed(over.signal))
        await Promise.race([pause(atMostMs), ...changes]).finally(() => over.abort())
        const left = lookedAt + settleMs - Date.now()
        if (left > 0) await pause(left)
      },
    })
  } finally {
    for (const each of followed.values()) each.end()
  }
}
