import type { Alert, AlertRoute } from '../domain/alerts'
import type { ImageContract } from '../domain/image-contract'
import type { PodEvent } from '../domain/diagnosis'
import type { ImageFacts } from '../domain/image-facts'
import type { KubernetesRight } from '../domain/permissions'
import type { RolloutObservation } from '../domain/rollout'
import type { Neighbour } from '../domain/rollout-environment'
import type { Service, WorkloadKind } from '../domain/service'
import type { Surroundings } from '../domain/surroundings'
import type { ImageFiles, ImageFilesOptions } from './registry/image-files'
import type { FoundSignature } from './registry/signatures'

/** A registry's answer to one repository's tag list. */
export interface TagList {
  tags: string[]
  /** of a list that came as one page, for the next read */
  etag?: string
  /** sha256 in hex over the bodies as they came: the same for an unchanged answer */
  hash: string
  /** entries that are no tags by the specification's grammar, left out of `tags` */
  dropped?: number
}

/** A Secret of the cluster, such as one that a pod template names in imagePullSecrets. */
export interface SecretName {
  namespace: string
  name: string
}

export interface ReadOptions {
  signal?: AbortSignal
  /** Secrets that the repository's workloads name; used only where `registries[].auth` says imagePullSecrets */
  pullSecrets?: readonly SecretName[]
}

/** What the last read of a tag list had. */
export interface KnownList {
  etag?: string
  hash: string
}

/**
 * Reads registries; `repository` has the registry host in it. Every method throws RefitError with a REGISTRY_* code.
 * Only what fails at once is tried a second time; everything else is left to Temporal.
 */
export interface Registry {
  /** All tags, pages followed on the same origin only. With `known` an unchanged list is answered as 'unchanged', without parsing it. */
  listTags(repository: string, options?: ReadOptions & { known?: KnownList }): Promise<TagList | 'unchanged'>
  /** HEAD of the manifest: its digest, or undefined when the tag doesn't exist. */
  digestOf(repository: string, tag: string, options?: ReadOptions): Promise<string | undefined>
  /** What an image says of itself, from manifest, index and one config blob, each hashed; undefined when it doesn't exist. */
  imageFacts(repository: string, digest: string, options?: ReadOptions): Promise<ImageFacts | undefined>
  /** How an image wants to be run, from its config; undefined when it doesn't exist. */
  imageContract(repository: string, digest: string, options?: ReadOptions): Promise<ImageContract | undefined>
  /** The files of an image that may be migrations, from its layers, without running it; undefined when it doesn't exist. */
  imageFiles(
    repository: string,
    digest: string,
    options?: ReadOptions & ImageFilesOptions,
  ): Promise<ImageFiles | undefined>
  /** What lies beside an image as its signatures, as cosign writes them; not judged yet. */
  signatures(repository: string, digest: string, options?: ReadOptions): Promise<FoundSignature[]>
  /** how many requests went out since creation, per registry host; those to its token server and storage count as well */
  requests(): Readonly<Record<string, number>>
  close(): Promise<void>
}

/** How many requests each registry host gets, shared by all workers. */
export interface HostLimits {
  /**
   * Resolves when `count` requests may go to the host; `perSecond` 0 is unlimited. Throws REGISTRY_BUSY (retryable,
   * retryAfterMs) at once when the host is blocked for longer than a few seconds.
   */
  take(host: string, perSecond: number, count: number, signal?: AbortSignal): Promise<void>
  /** No request to this host until then (epoch ms), by any worker. */
  block(host: string, untilMs: number): Promise<void>
}

/** What the workers have in common about registry hosts, in the store. */
export interface SharedHosts {
  /** Takes points of this second's `perSecond`; 0 when they were taken, else the milliseconds until the next second begins. */
  takePoints(host: string, perSecond: number, points: number): Promise<number>
  /** Epoch ms; 0 when it was never blocked. */
  blockedUntil(host: string): Promise<number>
  /** Keeps the later one. */
  block(host: string, untilMs: number): Promise<void>
}

/** Reads the .dockerconfigjson of a Secret by its name; undefined when there is none. */
export interface PullSecrets {
  dockerConfig(namespace: string, name: string): Promise<string | undefined>
}

export interface WorkloadRef {
  kind: WorkloadKind
  name: string
  uid: string
}

export interface ImageChange {
  name: string
  init: boolean
  from: string
  to: string
}

export interface PatchOptions {
  dryRun?: boolean
  /** by this upgrade: pauses a Deployment; keeps the old revision of a StatefulSet's pods below `partition` */
  hold?: { by: string; partition?: number }
  /** lets go on what this upgrade holds, and nothing that somebody else does */
  release?: string
}

export interface JobSpec {
  namespace: string
  /** deterministic: a second call finds the first one's Job */
  name: string
  image: string
  command: string[]
  deadlineMs: number
  /** copy environment, volumes and pull secrets from this workload's container; `kind` absent: Deployment */
  like: { kind?: WorkloadKind; workload: string; container: string }
  labels: Record<string, string>
}

/** A migration Job on a copy, before anybody has approved its image. */
export interface RehearsalSpec {
  namespace: string
  /** of Job, Secret and NetworkPolicy; a new one each time */
  name: string
  image: string
  command: string[]
  deadlineMs: number
  /** the variable that gets the copy's address, the only one there is */
  env: string
  /** goes through a Secret that is deleted with the Job */
  url: string
  /** of the copy's server: all that the pod may reach */
  addresses: string[]
  port: number
  /** names that stand in the address, with their own */
  hosts: Record<string, string>
  /** pulled, placed and run as the user of this workload's container; nothing else is taken from there; `kind` absent: Deployment */
  like: { kind?: WorkloadKind; workload: string; container: string }
  labels: Record<string, string>
}

export type JobState =
  | { kind: 'running'; since: number }
  | { kind: 'succeeded' }
  /**
   * `exitCode`: of a command that ran and said so. `isLost`: no pod is left that says how it ended; after a forced deletion
   * its process may even go on for a while
   */
  | { kind: 'failed'; reason: string; exitCode?: number; isLost?: true }
  | { kind: 'absent' }

/** One workload, seen through watches that everything in this process shares. */
export interface Following {
  /**
   * As observeRollout, but as the watches tell it: moments behind the cluster, never behind what this process itself wrote
   * or read. What ends a watch is therefore looked at directly once more. KUBERNETES_UNAVAILABLE while they can't tell.
   */
  look(signal?: AbortSignal): Promise<RolloutObservation>
  /**
   * The same with the workload and its pods asked of the API server; its revisions, which change only with it, are still
   * those that the watches tell. Throws KUBERNETES_*.
   */
  lookDirectly(signal?: AbortSignal): Promise<RolloutObservation>
  /** Resolves once the last look would come out differently, or the signal aborts; never rejects. */
  changed(signal?: AbortSignal): Promise<void>
  /** Must be called at the end. */
  end(): void
}

/** The one door to the cluster. Throws RefitError with a KUBERNETES_* code. */
export interface Kubernetes {
  /** Services of these namespaces, grouped by image repository over workloads of all kinds, init containers included. */
  observeServices(namespaces: string[], signal?: AbortSignal): Promise<Service[]>
  /**
   * What stands around these workloads of one namespace, at most a second old: budgets, quotas, volumes, autoscalers,
   * Service objects. What these credentials may not list is named in the answer.
   */
  surroundings(namespace: string, workloads: readonly WorkloadRef[], signal?: AbortSignal): Promise<Surroundings>
  /** One workload with its pods, as a verdict needs it; KUBERNETES_NOT_FOUND when the workload has gone or has another uid. */
  observeRollout(namespace: string, workload: WorkloadRef, signal?: AbortSignal): Promise<RolloutObservation>
  /** The same again and again, without asking each time. */
  followRollout(namespace: string, workload: WorkloadRef): Following
  /**
   * Pods of other namespaces and workloads on these nodes; only those of the namespace where the credentials may not list
   * others.
   */
  neighbours(namespace: string, nodes: string[], signal?: AbortSignal): Promise<Neighbour[]>
  /**
   * Replaces exactly these images by JSON patch with a `test` of uid and of every image it replaces. Already at `to`: no
   * write, `changed: false`. An image that is neither `from` nor `to`: KUBERNETES_CONFLICT, and so is a hold where
   * somebody else holds it already. Images and hold change in one patch.
   */
  patchImages(
    namespace: string,
    workload: WorkloadRef,
    changes: ImageChange[],
    options?: PatchOptions,
  ): Promise<{ changed: boolean }>
  /** Deletes this very pod, for its controller to make it anew; nothing happens when it has gone. */
  deletePod(namespace: string, pod: string, uid: string): Promise<void>
  /** Creates the Job unless it is there. */
  startJob(job: JobSpec): Promise<void>
  jobState(namespace: string, name: string): Promise<JobState>
  /** Last lines of the Job's pods, at most 64 KiB; empty when there are none. */
  jobLogs(namespace: string, name: string): Promise<string>
  /** Deletes the Job and its pods; nothing happens when it is absent. */
  deleteJob(namespace: string, name: string): Promise<void>
  /** Creates Job, Secret and NetworkPolicy; jobState and jobLogs tell of it as of any Job. */
  startRehearsal(rehearsal: RehearsalSpec): Promise<void>
  /** Deletes all of it; nothing happens when it is absent. */
  endRehearsal(namespace: string, name: string): Promise<void>
  /** GET on a pod through the API server's proxy; at most 64 KiB of body. */
  podGet(
    namespace: string,
    pod: string,
    port: number,
    path: string,
    timeoutMs: number,
  ): Promise<{ status: number; body: string }>
  /** The last lines of one container; `previous`: of the run before. Empty when there is none, or the pod has gone. */
  podLog(
    namespace: string,
    pod: string,
    options: { container: string; previous: boolean; lines: number; bytes: number; timeoutMs: number },
  ): Promise<string>
  /** The warnings that Kubernetes has about a pod. */
  podWarnings(namespace: string, pod: string, signal?: AbortSignal): Promise<PodEvent[]>
  /** The `.dockerconfigjson` of this Secret, by get; undefined when there is no such Secret. */
  dockerConfigSecret(namespace: string, name: string): Promise<string | undefined>
  /** `linux/amd64` by the name of each node; undefined when these credentials may not list nodes. */
  nodePlatforms(signal?: AbortSignal): Promise<Record<string, string> | undefined>
  /** The names of all namespaces: for `refit init`, which people run with their own rights. */
  namespaces(): Promise<string[]>
  /** for `doctor`: the server's version and its clock, to the second */
  version(): Promise<{ version: string; at: Date | null }>
  /**
   * Which of these rights the credentials lack in a namespace, or in the whole cluster where none is named; at most a
   * second old. KUBERNETES_FORBIDDEN where they may not even ask.
   */
  denied(
    namespace: string | undefined,
    rights: readonly KubernetesRight[],
    signal?: AbortSignal,
  ): Promise<KubernetesRight[]>
  close(): Promise<void>
}

export type { Alert, AlertRoute } from '../domain/alerts'

/** One alert's way to one target: the same for every attempt. */
export interface Delivery {
  /** idempotency key: the same news has the same one for ever, in all hubs */
  id: string
  /** when it became news */
  at: Date
  /** the target has had newer news of the same thread */
  overtaken?: boolean
  signal?: AbortSignal
}

/** Sends alerts to one target; throws RefitError ALERT_REFUSED when the target says no. */
export interface Notifier extends AlertRoute {
  /** Resolves when the target took it: with what it said beside that, if anything. */
  send(alert: Alert, delivery: Delivery): Promise<string | void>
}

/** Where a Slack bot's messages are, in the store. */
export interface SlackMessages {
  read(target: string, thread: string): Promise<{ channel: string; ts: string } | undefined>
  save(target: string, thread: string, message: { channel: string; ts: string }): Promise<unknown>
  forget(target: string, thread: string): Promise<void>
}
