import type {
  CoreV1Event,
  V1ControllerRevision,
  V1CronJob,
  V1DaemonSet,
  V1Deployment,
  V1Job,
  V1LabelSelector,
  V1NetworkPolicy,
  V1Node,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1PodTemplateSpec,
  V1ReplicaSet,
  V1ResourceQuota,
  V1Secret,
  V1Service,
  V1StatefulSet,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node'

/** What the API server sends: the library's types, but instants are still RFC 3339 text. */
export type Wire<T> = T extends Date
  ? string
  : T extends (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Key in keyof T]: Wire<T[Key]> }
      : T

export type Deployment = Wire<V1Deployment>
export type StatefulSet = Wire<V1StatefulSet>
export type DaemonSet = Wire<V1DaemonSet>
export type CronJob = Wire<V1CronJob>
/** Any kind; items of lists come without their `kind`. */
export type WorkloadObject = Deployment | StatefulSet | DaemonSet | CronJob
export type ControllerRevision = Wire<V1ControllerRevision>
export type ReplicaSet = Wire<V1ReplicaSet>
export type Pod = Wire<V1Pod>
export type PodTemplate = Wire<V1PodTemplateSpec>
export type Node = Wire<V1Node>
export type Secret = Wire<V1Secret>
export type Job = Wire<V1Job>
export type Event = Wire<CoreV1Event>
export type NetworkPolicy = Wire<V1NetworkPolicy>
export type LabelSelector = Wire<V1LabelSelector>
export type Autoscaler = Wire<V2HorizontalPodAutoscaler>
export type DisruptionBudget = Wire<V1PodDisruptionBudget>
export type ResourceQuota = Wire<V1ResourceQuota>
export type Claim = Wire<V1PersistentVolumeClaim>
export type ServiceObject = Wire<V1Service>
/** The library calls `default` something else. */
export interface LimitRange {
  spec?: {
    limits?: { type: string; default?: Record<string, string>; defaultRequest?: Record<string, string> }[]
  }
}
export type Container = NonNullable<PodTemplate['spec']>['containers'][number]
export type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]
export type ObjectMeta = NonNullable<Deployment['metadata']>

/** Epoch milliseconds; 0 when absent. */
export const instant = (text: string | undefined): number => (text === undefined ? 0 : Date.parse(text) || 0)

/** `sha256:…` of an image id such as `host/name@sha256:…`; undefined for an id that is no repository digest. */
export const digestIn = (imageId: string | undefined): string | undefined =>
  /@(sha256:[0-9a-f]{64})$/.exec(imageId ?? '')?.[1]
