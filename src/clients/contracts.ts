import type { Alert } from '../domain/alerts'
import type { RolloutObservation } from '../domain/rollout'
import type { Service } from '../domain/service'

/** A registry's answer to one repository's tag list. */
export interface TagList {
  tags: string[]
}

/** Reads registries. Every method throws RefitError with a REGISTRY_* code; nothing is retried here, Temporal does that. */
export interface Registry {
  /** All tags, pages followed on the same host only. `repository` has the registry host in it. */
  listTags(repository: string, signal?: AbortSignal): Promise<TagList>
  /** HEAD of the manifest: its digest, or undefined when the tag doesn't exist. */
  digestOf(repository: string, tag: string, signal?: AbortSignal): Promise<string | undefined>
  close(): Promise<void>
}

export interface WorkloadRef {
  kind: 'Deployment'
  name: string
  uid: string
}

export interface ImageChange {
  name: string
  init: boolean
  from: string
  to: string
}

export interface JobSpec {
  namespace: string
  /** deterministic: a second call finds the first one's Job */
  name: string
  image: string
  command: string[]
  deadlineMs: number
  /** copy environment, volumes and pull secrets from this workload's container */
  like: { workload: string; container: string }
  labels: Record<string, string>
}

export type JobState =
  { kind: 'running'; since: number } | { kind: 'succeeded' } | { kind: 'failed'; reason: string } | { kind: 'absent' }

/** The one door to the cluster. Throws RefitError with a KUBERNETES_* code. */
export interface Kubernetes {
  /** Services of these namespaces, grouped by image repository over Deployments, init containers included. */
  observeServices(namespaces: string[], signal?: AbortSignal): Promise<Service[]>
  /** The Deployments as they would be patched; KUBERNETES_NOT_FOUND when the workload has gone or has another uid. */
  observeRollout(namespace: string, workload: WorkloadRef, signal?: AbortSignal): Promise<RolloutObservation>
  /**
   * Replaces exactly these images by JSON patch with a `test` of uid and of every image it replaces. Already at `to`: no
   * write, `changed: false`. An image that is neither `from` nor `to`: KUBERNETES_CONFLICT.
   */
  patchImages(
    namespace: string,
    workload: WorkloadRef,
    changes: ImageChange[],
    options?: { dryRun?: boolean },
  ): Promise<{ changed: boolean }>
  /** Creates the Job unless it is there. */
  startJob(job: JobSpec): Promise<void>
  jobState(namespace: string, name: string): Promise<JobState>
  /** Last lines of the Job's pods, at most 64 KiB; empty when there are none. */
  jobLogs(namespace: string, name: string): Promise<string>
  /** Deletes the Job and its pods; nothing happens when it is absent. */
  deleteJob(namespace: string, name: string): Promise<void>
  /** GET on a pod through the API server's proxy; at most 64 KiB of body. */
  podGet(
    namespace: string,
    pod: string,
    port: number,
    path: string,
    timeoutMs: number,
  ): Promise<{ status: number; body: string }>
  /** for `doctor`: server version, and which of the verbs that this mode needs are allowed in the namespace */
  check(namespaces: string[], mode: 'watch' | 'approve'): Promise<{ version: string; denied: string[] }>
  close(): Promise<void>
}

export type { Alert } from '../domain/alerts'

/** Sends one alert to one target; throws RefitError ALERT_REFUSED when the target says no. */
export interface Notifier {
  /** stable name of the target for the outbox, without secrets: `slack#1` */
  name: string
  levels: readonly Alert['level'][]
  send(alert: Alert, idempotencyKey: string, signal?: AbortSignal): Promise<void>
}
