import type { WorkloadKind } from './service'

/** A Job of a CronJob. */
export interface RunObservation {
  name: string
  /** of the template as it is now */
  isNew: boolean
  /** epoch ms */
  createdAt: number
  state: 'running' | 'succeeded' | 'failed'
  /** why it failed; empty otherwise */
  reason: string
}

/** One pod of a workload, as far as a verdict needs it. Instants are epoch milliseconds. */
export interface PodObservation {
  name: string
  uid?: string
  /** of the revision that the rollout brings, by pod-template-hash */
  isNew: boolean
  phase: string
  ready: boolean
  deleting: boolean
  createdAt: number
  /** since when it is not ready; absent while it is, and where nobody said */
  unreadySince?: number
  /** that it was given to */
  node?: string
  /** a startup probe has yet to succeed */
  starting?: boolean
  /** highest restart count of any container, init containers and sidecars included */
  restarts: number
  waiting: { container: string; init: boolean; reason: string; message: string }[]
  terminated: { container: string; init: boolean; reason: string; exitCode: number }[]
  /** `scaleUp`: a cluster autoscaler says that it adds a node for it */
  unschedulable?: { since: number; message: string; scaleUp?: boolean }
  /** digests that the service's application containers really run */
  digests: string[]
}

export interface RolloutObservation {
  /** absent: Deployment */
  kind?: WorkloadKind
  uid: string
  generation: number
  observedGeneration: number
  desired: number
  updated: number
  total: number
  available: number
  paused: boolean
  /** id of the upgrade that holds it (pausedByKey), if one does */
  pausedBy?: string
  /** the partition of a StatefulSet that Refit holds, where it is not the one that Refit wrote */
  otherPartition?: number
  /** somebody let go on what the watching upgrade holds; set by withoutOwnHold */
  lifted?: boolean
  conditions: { type: string; status: string; reason: string; message: string; since: number }[]
  /** the service's containers in the template now */
  containers: { name: string; init: boolean; image: string }[]
  /** of the revision that `isNew` means, where it is known; another one later is somebody's change */
  templateHash?: string
  /** ReplicaFailure of the new ReplicaSet (quota, admission) */
  replicaFailure?: { reason: string; message: string; since: number }
  /** pods that the rollout makes new, where a partition or `OnDelete` leaves others as they are; absent: all that are desired */
  wantedNew?: number
  /** its controller replaces no pod by itself */
  onDelete?: true
  /** the template is taken up, but only the next run of a CronJob, or the next pod with `OnDelete`, will use it */
  pending?: 'run' | 'pod'
  /** of a CronJob that is not suspended, epoch ms */
  nextRunAt?: number
  /** the newest Job of a CronJob */
  lastRun?: RunObservation
  pods: PodObservation[]
}
