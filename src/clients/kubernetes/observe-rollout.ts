import type { RolloutObservation } from '../../domain/rollout'
import type { WorkloadKind } from '../../domain/service'
import type { WorkloadRef } from '../contracts'
import { paths, type Api } from './api'
import { heldMark } from './hold'
import { workloadWords } from './kinds'
import { cronJobObservation, daemonSetObservation, newestRun, statefulSetObservation } from './observation-kinds'
import { podObservation } from './pod-observation'
import { readWorkload } from './read-workload'
import { withScaleUps } from './scale-up'
import { canonical, isOwnedBy, saying } from './template'
import {
  instant,
  type ControllerRevision,
  type CronJob,
  type DaemonSet,
  type Deployment,
  type Job,
  type Pod,
  type ReplicaSet,
  type StatefulSet,
  type WorkloadObject,
} from './wire'
import { containersOf } from './workload'

const keptSelectors = 1_000

/**
 * Observes one workload with its pods, and with what names their revisions. From the second look on they are read at the
 * same time, because a selector never changes; the pods of a CronJob are those of its newest Job, which is read first.
 */
export function rolloutObserver(api: Api) {
  const selectors = new Map<string, string>()
  return async (namespace: string, workload: WorkloadRef, signal?: AbortSignal): Promise<RolloutObservation> => {
    const { kind, name, uid } = workload
    const objectRead = readWorkload(api, namespace, workload, signal)
    const of = `of ${workloadWords(kind, namespace, name)}`
    if (kind === 'CronJob') return observeCronJob(api, namespace, { cronJobRead: objectRead, of, signal })

    const selector = selectors.get(uid) ?? selectorOf(await objectRead)
    if (selectors.size >= keptSelectors) selectors.clear()
    selectors.set(uid, selector)
    const list = <T>(path: string, what: string): Promise<T[]> =>
      api.list<T>({ path, query: { labelSelector: selector }, signal, doing: `list ${what} ${of}` })
    const [object, pods, revisions] = await Promise.all([
      objectRead,
      list<Pod>(paths.pods(namespace), 'pods'),
      revisionsRead(kind, namespace, list),
    ])
    return withScaleUps(api, namespace, observed(kind, object, revisions, pods), signal)
  }
}

function observed(
  kind: Exclude<WorkloadKind, 'CronJob'>,
  object: WorkloadObject,
  revisions: (ReplicaSet | ControllerRevision)[],
  pods: Pod[],
): RolloutObservation {
  if (kind === 'StatefulSet') return statefulSetObservation(object as StatefulSet, pods)
  if (kind === 'DaemonSet') return daemonSetObservation(object as DaemonSet, revisions as ControllerRevision[], pods)
  return observationOf(object as Deployment, revisions, pods)
}

/** A StatefulSet names its newest revision itself. */
function revisionsRead(
  kind: WorkloadKind,
  namespace: string,
  list: <T>(path: string, what: string) => Promise<T[]>,
): Promise<(ReplicaSet | ControllerRevision)[]> {
  if (kind === 'Deployment') return list<ReplicaSet>(paths.replicaSets(namespace), 'replicasets')
  if (kind === 'DaemonSet') return list<ControllerRevision>(paths.controllerRevisions(namespace), 'controllerrevisions')
  return Promise.resolve([])
}

async function observeCronJob(
  api: Api,
  namespace: string,
  { cronJobRead, of, signal }: { cronJobRead: Promise<WorkloadObject>; of: string; signal: AbortSignal | undefined },
): Promise<RolloutObservation> {
  const jobsRead = api.list<Job>({ path: paths.jobs(namespace), signal, doing: `list jobs ${of}` })
  const [cronJob, jobs] = await Promise.all([cronJobRead as Promise<CronJob>, jobsRead])
  const uid = newestRun(cronJob, jobs)?.metadata?.uid
  if (uid === undefined) return cronJobObservation(cronJob, jobs, [], Date.now())
  const query = { labelSelector: `batch.kubernetes.io/controller-uid=${uid}` }
  const pods = await api.list<Pod>({ path: paths.pods(namespace), query, signal, doing: `list pods ${of}` })
  return cronJobObservation(cronJob, jobs, pods, Date.now())
}

/** `a=b,c in (d,e)` */
function selectorOf(workload: WorkloadObject): string {
  const { matchLabels = {}, matchExpressions = [] } = (workload as Deployment).spec?.selector ?? {}
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
    ...heldMark(deployment),
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
