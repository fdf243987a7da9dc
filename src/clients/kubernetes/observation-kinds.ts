import { createHash } from 'node:crypto'
import { Cron } from 'croner'
import type { PodObservation, RolloutObservation, RunObservation } from '../../domain/rollout'
import type { WorkloadKind } from '../../domain/service'
import { heldMark } from './hold'
import { jobStateOf } from './job-state'
import { templateOf } from './kinds'
import { podObservation } from './pod-observation'
import { canonical, isOwnedBy, saying } from './template'
import {
  instant,
  type ControllerRevision,
  type CronJob,
  type DaemonSet,
  type Job,
  type Pod,
  type PodTemplate,
  type StatefulSet,
  type WorkloadObject,
} from './wire'
import { containersOf } from './workload'

/** Of pods of StatefulSets and DaemonSets: their revision's. */
const revisionLabel = 'controller-revision-hash'

/** What a verdict needs of a StatefulSet and of the pods that were listed with its selector. */
export function statefulSetObservation(set: StatefulSet, pods: Pod[]): RolloutObservation {
  const { metadata, spec, status } = set
  const desired = spec?.replicas ?? 1
  const updated = status?.updatedReplicas ?? 0
  const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0
  const isOnDelete = spec?.updateStrategy?.type === 'OnDelete'
  // Revision and observed generation are written together, so that before it is observed it names the one before.
  const isObserved = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0)
  const revision = isObserved ? status?.updateRevision : undefined
  return {
    ...identity('StatefulSet', set),
    observedGeneration: status?.observedGeneration ?? 0,
    desired,
    updated,
    total: status?.replicas ?? 0,
    available: status?.availableReplicas ?? 0,
    conditions: (status?.conditions ?? []).map((each) => ({ type: each.type, status: each.status, ...saying(each) })),
    ...(revision ? { templateHash: revision } : {}),
    ...(isOnDelete ? onDelete(desired, updated) : partition > 0 ? { wantedNew: Math.max(0, desired - partition) } : {}),
    pods: podsOf(set, pods, (pod) => revision !== undefined && pod.metadata?.labels?.[revisionLabel] === revision),
  }
}

/** And of a DaemonSet, with its ControllerRevisions, because its status does not name the newest. */
export function daemonSetObservation(set: DaemonSet, revisions: ControllerRevision[], pods: Pod[]): RolloutObservation {
  const { spec, status } = set
  const desired = status?.desiredNumberScheduled ?? 0
  const updated = status?.updatedNumberScheduled ?? 0
  const hash = newRevision(set, revisions)?.metadata?.labels?.[revisionLabel]
  return {
    ...identity('DaemonSet', set),
    observedGeneration: status?.observedGeneration ?? 0,
    desired,
    updated,
    total: status?.currentNumberScheduled ?? 0,
    available: status?.numberAvailable ?? 0,
    conditions: (status?.conditions ?? []).map((each) => ({ type: each.type, status: each.status, ...saying(each) })),
    ...(hash === undefined ? {} : { templateHash: hash }),
    ...(spec?.updateStrategy?.type === 'OnDelete' ? onDelete(desired, updated) : {}),
    pods: podsOf(set, pods, (pod) => hash !== undefined && pod.metadata?.labels?.[revisionLabel] === hash),
  }
}

/**
 * And of a CronJob, with the namespace's Jobs and with pods of its newest one (`newestRun`). It has no observed generation:
 * the template that stands there is the one that the next run takes. `now` is epoch milliseconds.
 */
export function cronJobObservation(cronJob: CronJob, jobs: Job[], pods: Pod[], now: number): RolloutObservation {
  const job = newestRun(cronJob, jobs)
  const own = pods.filter(({ metadata }) => isOwnedBy(metadata, job?.metadata?.uid))
  const lastRun = job && runOf(cronJob, job, own, now)
  const nextRunAt = nextRun(cronJob, now)
  return {
    ...identity('CronJob', cronJob),
    observedGeneration: cronJob.metadata?.generation ?? 0,
    ...{ desired: 0, updated: 0, total: 0, available: 0 },
    conditions: [],
    templateHash: createHash('sha256')
      .update(canonical(templateOf(cronJob)))
      .digest('hex')
      .slice(0, 10),
    ...(lastRun?.isNew ? {} : { pending: 'run' as const }),
    ...(nextRunAt === undefined ? {} : { nextRunAt }),
    ...(lastRun ? { lastRun } : {}),
    // Nobody sends requests to pods of a Job, so that none is called ready.
    pods: own
      .map((pod) => ({ ...podObservation(pod, lastRun?.isNew ?? false, applicationOf(cronJob)), ready: false }))
      .sort(byAge),
  }
}

/** The Job that a CronJob, or somebody from it, created last. */
export const newestRun = ({ metadata }: CronJob, jobs: Job[]): Job | undefined =>
  jobs
    .filter((job) => isOwnedBy(job.metadata, metadata?.uid))
    .sort((a, b) => createdAt(b) - createdAt(a) || ((a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? 1 : -1))[0]

/** By images alone: what admission adds to a Job makes it no other run. */
function runOf(cronJob: CronJob, job: Job, pods: Pod[], now: number): RunObservation {
  const images = new Map(jobContainers(job).map(({ name, image }) => [name, image]))
  const state = jobStateOf(job, pods, now)
  return {
    name: job.metadata?.name ?? '',
    isNew: containersOf(cronJob).every(({ name, image }) => images.get(name) === image),
    createdAt: createdAt(job),
    state: state.kind === 'failed' || state.kind === 'succeeded' ? state.kind : 'running',
    reason: state.kind === 'failed' ? state.reason : '',
  }
}

const jobContainers = ({ spec }: Job) => [
  ...(spec?.template.spec?.initContainers ?? []),
  ...(spec?.template.spec?.containers ?? []),
]

const createdAt = ({ metadata }: { metadata?: Job['metadata'] }): number => instant(metadata?.creationTimestamp)

/** Undefined when it is suspended, or its schedule can't be read. A schedule without a zone is read in UTC, as most clusters do. */
function nextRun({ spec }: CronJob, now: number): number | undefined {
  if (!spec || spec.suspend) return undefined
  try {
    const cron = new Cron(spec.schedule, { timezone: spec.timeZone ?? 'UTC', paused: true, mode: '5-part' })
    return cron.nextRun(new Date(now))?.getTime()
  } catch {
    return undefined
  }
}

/** The revision of the template as it is now, found as the controller finds it; undefined before it is made. */
function newRevision(set: DaemonSet, revisions: ControllerRevision[]): ControllerRevision | undefined {
  const template = canonical(set.spec?.template)
  return revisions
    .filter((each) => isOwnedBy(each.metadata, set.metadata?.uid) && canonical(templateIn(each)) === template)
    .sort((a, b) => b.revision - a.revision)[0]
}

/** A revision's data is a patch that replaces the template. */
function templateIn({ data }: ControllerRevision): PodTemplate {
  const { spec } = data as { spec?: { template?: PodTemplate & { $patch?: string } } }
  return { ...spec?.template, $patch: undefined } as PodTemplate
}

const identity = (kind: WorkloadKind, workload: WorkloadObject) => ({
  kind,
  uid: workload.metadata?.uid ?? '',
  ...heldMark(workload),
  generation: workload.metadata?.generation ?? 0,
  paused: false,
  containers: containersOf(workload),
})

const onDelete = (
  desired: number,
  updated: number,
): Pick<RolloutObservation, 'wantedNew' | 'pending' | 'onDelete'> => ({
  onDelete: true,
  wantedNew: Math.min(desired, updated),
  ...(updated < desired ? { pending: 'pod' as const } : {}),
})

const applicationOf = (workload: WorkloadObject): Set<string> =>
  new Set(templateOf(workload)?.spec?.containers.map(({ name }) => name))

const podsOf = (workload: WorkloadObject, pods: Pod[], isNew: (pod: Pod) => boolean): PodObservation[] =>
  pods
    .filter(({ metadata }) => isOwnedBy(metadata, workload.metadata?.uid))
    .map((pod) => podObservation(pod, isNew(pod), applicationOf(workload)))
    .sort(byAge)

const byAge = (a: PodObservation, b: PodObservation): number => a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1)
