import { RefitError } from '../../domain/errors'
import type { RolloutObservation } from '../../domain/rollout'
import { paths, type Api } from './api'
import type { Event } from './wire'

/** What cluster-autoscaler and Karpenter say of a pod for which they add a node. */
const growing = ['TriggeredScaleUp', 'Nominated']

/** Marks the pods that wait for a node which an autoscaler adds; asks only when a new pod finds no node. */
export async function withScaleUps(
  api: Api,
  namespace: string,
  seen: RolloutObservation,
  signal?: AbortSignal,
): Promise<RolloutObservation> {
  if (!seen.pods.some(({ isNew, unschedulable }) => isNew && unschedulable)) return seen
  const named = await podsOfEvents(api, namespace, signal)
  return {
    ...seen,
    pods: seen.pods.map((pod) =>
      pod.unschedulable && named.has(pod.name)
        ? { ...pod, unschedulable: { ...pod.unschedulable, scaleUp: true } }
        : pod,
    ),
  }
}

async function podsOfEvents(api: Api, namespace: string, signal?: AbortSignal): Promise<Set<string>> {
  try {
    const lists = await Promise.all(
      growing.map((reason) =>
        api.list<Event>({
          path: paths.events(namespace),
          query: { fieldSelector: `involvedObject.kind=Pod,reason=${reason}` },
          signal,
          doing: `list events in ${namespace}`,
        }),
      ),
    )
    return new Set(lists.flat().map(({ involvedObject }) => involvedObject.name ?? ''))
  } catch (error) {
    // Without the right to read events the shorter grace counts.
    if (error instanceof RefitError && error.code === 'KUBERNETES_FORBIDDEN') return new Set()
    throw error
  }
}
