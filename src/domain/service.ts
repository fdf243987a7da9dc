/** What runs in the cluster, as the Kubernetes client observed it: plain data, no API objects. */
export interface ServiceContainer {
  name: string
  init: boolean
  /** exactly as it stands in the pod template */
  image: string
}

/** A controller that owns the pod template, so that a patch would be reverted or drift. */
export interface Owner {
  tool: 'argocd' | 'flux' | 'helm'
  /** application, kustomization or release, as far as it can be told */
  name: string
}

export const workloadKinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'] as const
export type WorkloadKind = (typeof workloadKinds)[number]

export interface Workload {
  kind: WorkloadKind
  name: string
  uid: string
  resourceVersion: string
  generation: number
  observedGeneration: number
  /** desired (of a DaemonSet as many as nodes fit, of a CronJob 0); left out of plans, because scaling is nobody's conflict */
  replicas: number
  strategy: {
    /** `OnDelete`: a pod takes the new template when it is made anew; a CronJob's with its next run */
    type: 'RollingUpdate' | 'Recreate' | 'OnDelete'
    /** pods, resolved from percentages against replicas */
    maxSurge: number
    maxUnavailable: number
    /** of a StatefulSet: pods with a lower ordinal keep the old template; absent: none does */
    partition?: number
  }
  paused: boolean
  /** id of the upgrade that holds its rollout, if one does */
  pausedBy?: string
  /** Kubernetes' default where the kind has none */
  revisionHistoryLimit: number
  progressDeadlineSeconds: number
  /** only those of the service's repository; init containers included */
  containers: ServiceContainer[]
  /** every application container of the service has a readiness probe; true for a CronJob, whose pods serve nobody */
  hasReadinessProbe: boolean
  /** every application container of the service has a preStop hook; true for a CronJob */
  hasPreStop: boolean
  owner?: Owner
}

/** Unique in a service: workloads of two kinds may have one name. A Deployment's is its name alone, as in older records. */
export const workloadId = ({ kind, name }: Pick<Workload, 'kind' | 'name'>): string =>
  kind === 'Deployment' ? name : `${kind.toLowerCase()}/${name}`

/** All containers and init containers of one namespace that run one image repository. */
export interface Service {
  namespace: string
  name: string
  /** with the registry host: 127.0.0.1:5000/hub/ledger */
  repository: string
  /** Refit's order: replicated workloads first, singletons later, CronJobs last, then by name */
  workloads: Workload[]
  /** what the application containers' running pods report, repository digests `sha256:…`; empty when none runs */
  runningDigests: string[]
  /** names of the nodes that run its pods, sorted */
  nodes: string[]
  /** names of the Secrets that its pods pull with (imagePullSecrets), sorted */
  pullSecrets: string[]
}

/** The Secrets that its pods pull with, by namespace and name. */
export const pullSecretsOf = (service: {
  namespace: string
  pullSecrets: readonly string[]
}): { namespace: string; name: string }[] => service.pullSecrets.map((name) => ({ namespace: service.namespace, name }))

/** Labels of the objects that Refit itself creates in the cluster. */
export const labelKeys = { upgrade: 'refit.dev/upgrade', service: 'refit.dev/service' } as const

/** `hub/ledger`: how a person names a service. */
export const serviceId = (service: { namespace: string; name: string }): string =>
  `${service.namespace}/${service.name}`
