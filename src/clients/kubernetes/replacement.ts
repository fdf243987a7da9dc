import type { Workload, WorkloadKind } from '../../domain/service'
import type { CronJob, DaemonSet, Deployment, StatefulSet, WorkloadObject } from './wire'

/** How many pods a workload has and how it replaces them. */
export type Replacement = Pick<
  Workload,
  'observedGeneration' | 'replicas' | 'strategy' | 'paused' | 'revisionHistoryLimit' | 'progressDeadlineSeconds'
>

/** Kubernetes' own default of both, for Deployments. */
const defaultShare = '25%'
const onDelete = { type: 'OnDelete', maxSurge: 0, maxUnavailable: 0 } as const

export function replacementOf(kind: WorkloadKind, workload: WorkloadObject): Replacement {
  const given = { paused: false, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 }
  switch (kind) {
    case 'Deployment':
      return ofDeployment(workload as Deployment)
    case 'StatefulSet':
      return { ...given, ...ofStatefulSet(workload as StatefulSet) }
    case 'DaemonSet':
      return { ...given, ...ofDaemonSet(workload as DaemonSet) }
    case 'CronJob':
      return { ...given, ...ofCronJob(workload as CronJob) }
  }
}

function ofDeployment({ spec, status }: Deployment): Replacement {
  const replicas = spec?.replicas ?? 1
  return {
    observedGeneration: status?.observedGeneration ?? 0,
    replicas,
    strategy: strategyOf(spec, replicas),
    paused: spec?.paused ?? false,
    revisionHistoryLimit: spec?.revisionHistoryLimit ?? 10,
    progressDeadlineSeconds: spec?.progressDeadlineSeconds ?? 600,
  }
}

/** As the Deployment controller does it: surge rounds up, unavailable rounds down, and both 0 would never move. */
function strategyOf(spec: Deployment['spec'], replicas: number): Workload['strategy'] {
  if (spec?.strategy?.type === 'Recreate') return { type: 'Recreate', maxSurge: 0, maxUnavailable: replicas }
  const { maxSurge = defaultShare, maxUnavailable = defaultShare } = spec?.strategy?.rollingUpdate ?? {}
  const surge = podsOf(maxSurge, replicas, Math.ceil)
  const unavailable = podsOf(maxUnavailable, replicas, Math.floor)
  return { type: 'RollingUpdate', maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

/** In place, from the highest ordinal down: at least one pod is missing meanwhile. */
function ofStatefulSet({ spec, status }: StatefulSet) {
  const replicas = spec?.replicas ?? 1
  const { maxUnavailable = 1, partition = 0 } = spec?.updateStrategy?.rollingUpdate ?? {}
  const unavailable = Math.max(1, podsOf(maxUnavailable, replicas, Math.ceil))
  const rolling = { type: 'RollingUpdate', maxSurge: 0, maxUnavailable: unavailable } as const
  return {
    observedGeneration: status?.observedGeneration ?? 0,
    replicas,
    strategy:
      spec?.updateStrategy?.type === 'OnDelete' ? onDelete : { ...rolling, ...(partition > 0 ? { partition } : {}) },
    revisionHistoryLimit: spec?.revisionHistoryLimit ?? 10,
  }
}

/** As the DaemonSet controller does it: both round up, and with a surge nothing is missing. */
function ofDaemonSet({ spec, status }: DaemonSet) {
  const replicas = status?.desiredNumberScheduled ?? 0
  const { maxSurge = 0, maxUnavailable = 1 } = spec?.updateStrategy?.rollingUpdate ?? {}
  const surge = podsOf(maxSurge, replicas, Math.ceil)
  const unavailable = podsOf(maxUnavailable, replicas, Math.ceil)
  const rolling = {
    type: 'RollingUpdate',
    maxSurge: surge,
    maxUnavailable: surge > 0 ? 0 : Math.max(1, unavailable),
  } as const
  return {
    observedGeneration: status?.observedGeneration ?? 0,
    replicas,
    strategy: spec?.updateStrategy?.type === 'OnDelete' ? onDelete : rolling,
    revisionHistoryLimit: spec?.revisionHistoryLimit ?? 10,
  }
}

/** Its controller observes nothing: the template that stands there is the one that the next run takes. */
const ofCronJob = ({ metadata }: CronJob) => ({
  observedGeneration: metadata?.generation ?? 0,
  replicas: 0,
  strategy: onDelete,
})

function podsOf(value: number | string, replicas: number, round: (pods: number) => number): number {
  if (typeof value === 'number') return value
  const pods = value.endsWith('%') ? round((Number.parseInt(value, 10) * replicas) / 100) : Number(value)
  return Number.isFinite(pods) ? pods : 0
}
