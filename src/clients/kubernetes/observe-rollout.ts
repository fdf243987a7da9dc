import type { RolloutObservation } from '../../domain/rollout'
import type { WorkloadRef } from '../contracts'
import { paths, type Api } from './api'
import { podObservation } from './pod-observation'
import { readWorkload } from './read-workload'
import { withScaleUps } from './scale-up'
import { instant, type Deployment, type Pod, type PodTemplate, type ReplicaSet } from './wire'
import { containersOf } from './workload'

const keptSelectors = 1_000

/**
 * Observes one Deployment with its ReplicaSets and pods. From the second look on the three are read at the same time,
 * because a Deployment's selector never changes.
 */
export function rolloutObserver(api: Api) {
  const selectors = new Map<string, string>()
  return async (namespace: string, workload: WorkloadRef, signal?: AbortSignal): Promise<RolloutObservation> => {
    const deploymentRead = readWorkload(api, namespace, workload, signal)
    const selector = selectors.get(workload.uid) ?? selectorOf(await deploymentRead)
    if (selectors.size >= keptSelectors) selectors.clear()
    selectors.set(workload.uid, selector)

    const query = { labelSelector: selector }
    const doing = `of deployment ${namespace}/${workload.name}`
    const [deployment, replicaSets, pods] = await Promise.all([
      deploymentRead,
      api.list<ReplicaSet>({ path: paths.replicaSets(namespace), query, signal, doing: `list replicasets ${doing}` }),
      api.list<Pod>({ path: paths.pods(namespace), query, signal, doing: `list pods ${doing}` }),
    ])
    return withScaleUps(api, namespace, observationOf(deployment, replicaSets, pods), signal)
  }
}

/** `a=b,c in (d,e)` */
function selectorOf({ spec }: Deployment): string {
  const { matchLabels = {}, matchExpressions = [] } = spec?.selector ?? {}
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`)
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`
  })
  return [...labels, ...expressions].join(',')
}

/** What a verdict needs of a Deployment and of what was listed with its selector. */
export function observationOf(deployment: Deployment, replicaSets: ReplicaSet[], pods: Pod[]): RolloutObservation {
  const { metadata, spec, status } = deployment
  const uid = metadata?.uid ?? ''
  const owned = replicaSets.filter((each) => isOwnedBy(each.metadata, uid))
  const ownedUids = new Set(owned.map((each) => each.metadata?.uid))
  const newest = newReplicaSet(deployment, owned)
  const templateHash = newest?.metadata?.labels?.['pod-template-hash']
  const application = new Set(spec?.template.spec?.containers.map(({ name }) => name))
  const failure = newest?.status?.conditions?.find((each) => each.type === 'ReplicaFailure' && each.status === 'True')
  return {
    uid,
    generation: metadata?.generation ?? 0,
    observedGeneration: status?.observedGeneration ?? 0,
    desired: spec?.replicas ?? 1,
    updated: status?.updatedReplicas ?? 0,
    total: status?.replicas ?? 0,
    available: status?.availableReplicas ?? 0,
    paused: spec?.paused ?? false,
    conditions: (status?.conditions ?? []).map((each) => ({ type: each.type, status: each.status, ...saying(each) })),
    containers: containersOf(deployment),
    ...(templateHash === undefined ? {} : { templateHash }),
    ...(failure ? { replicaFailure: saying(failure) } : {}),
    pods: pods
      .filter((pod) => pod.metadata?.ownerReferences?.some((owner) => ownedUids.has(owner.uid)))
      .map((pod) => podObservation(pod, isOwnedBy(pod.metadata, newest?.metadata?.uid), application))
      .sort((a, b) => a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1)),
  }
}

const isOwnedBy = (metadata: Pod['metadata'], uid: string | undefined): boolean =>
  metadata?.ownerReferences?.some((owner) => owner.uid === uid) ?? false

const saying = (condition: { reason?: string; message?: string; lastTransitionTime?: string }) => ({
  reason: condition.reason ?? '',
  message: condition.message ?? '',
  since: instant(condition.lastTransitionTime),
})

/**
 * The ReplicaSet of the template as it is now, found as the controller finds it; undefined before it is made. Not by the
 * revision: while the controller scales or is paused, it calls a template observed whose ReplicaSet it has yet to make.
 */
function newReplicaSet({ spec }: Deployment, owned: ReplicaSet[]): ReplicaSet | undefined {
  const template = canonical(spec?.template)
  return owned
    .filter((each) => canonical(each.spec?.template) === template)
    .sort((a, b) => instant(a.metadata?.creationTimestamp) - instant(b.metadata?.creationTimestamp))[0]
}

/** The same text for the same template, whatever the order of its keys, and without the hash that only ReplicaSets have. */
function canonical(template: PodTemplate | undefined): string {
  return JSON.stringify(template, (key, value: unknown) => {
    if (key === 'pod-template-hash' || value === null) return undefined
    if (typeof value !== 'object' || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
