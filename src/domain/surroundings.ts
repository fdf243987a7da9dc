import type { WorkloadKind } from './service'

/** How one container of a template is run, as far as its image matters. */
export interface ContainerSetting {
  name: string
  init: boolean
  /** empty: the image's ENTRYPOINT */
  command: string[]
  args: string[]
  workingDir?: string
  /** of its ports and probes */
  ports: number[]
  /** `keeps`: what is written there outlives the pod and belongs to who wrote it (a claim or host path without fsGroup) */
  mounts: { path: string; keeps: boolean }[]
  /** runAsUser */
  user?: number
  /** runAsNonRoot */
  nonRoot: boolean
}

/** A PodDisruptionBudget that selects the workload's pods; percentages are of the desired pods. */
export interface DisruptionBudget {
  name: string
  minAvailable?: number | string
  maxUnavailable?: number | string
}

/** What a ResourceQuota leaves of what its pods may take together: `requests.cpu` in cores, `limits.memory` in bytes, `pods`. */
export interface Quota {
  name: string
  left: Readonly<Record<string, number>>
}

/** How one workload stands in its namespace: what may stop its rollout, and who else has a hand on it. */
export interface Setting {
  kind: WorkloadKind
  name: string
  containers: ContainerSetting[]
  /** of one pod, by the names of a quota; cpu and memory are absent where a container doesn't say them */
  demand: Readonly<Record<string, number>>
  graceSeconds: number
  /** the longest preStop whose length can be told; 0 otherwise */
  preStopSeconds: number
  /** a Service object selects its pods; undefined when that can't be told */
  getsRequests: boolean | undefined
  budgets: DisruptionBudget[]
  quotas: Quota[]
  autoscaler?: { name: string; min: number; max: number }
  /** the claims that only one node, or only one pod, can use at a time */
  claims: { name: string; mode: 'ReadWriteOnce' | 'ReadWriteOncePod' }[]
  /** pods of an older template that still run, of how many */
  older?: { pods: number; of: number }
  /** kind and name of the object that made it, whose controller would set it back */
  madeBy?: string
  /** field manager of a tool that set the image and sets it again when it is run */
  appliedBy?: string
  helm?: { namespace?: string; chart?: string }
}

export interface Surroundings {
  settings: Setting[]
  /** what these credentials may not list: `resourcequotas` */
  unread: string[]
}
