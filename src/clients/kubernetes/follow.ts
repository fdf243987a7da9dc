import { setTimeout as sleep } from 'node:timers/promises'
import { RefitError } from '../../domain/errors'
import type { Following, WorkloadRef } from '../contracts'
import type { Api, ListCall } from './api'
import type { Collection } from './collection'
import type { Call } from './connection'
import { isOlder, type KnownVersions } from './known-versions'
import { rolloutObserver } from './observe-rollout'
import { matches, parseSelector, type Selector } from './selector'
import { type Change, type KubernetesObject, nameOf } from './watch-objects'
import type { Watches } from './watches'

/** A watch that is further behind than this is not waited for: the object is asked for. */
const behindMs = 2_000

/** What names the revisions of a workload. */
const isRevisions = /\/(?:replicasets|controllerrevisions)$/

/** What workloads and their pods are seen by. */
const watched =
  /^(\/(?:api|apis\/[^/]+)\/[^/]+\/namespaces\/[^/]+\/(?:deployments|replicasets|statefulsets|daemonsets|controllerrevisions|cronjobs|jobs|pods))(?:\/([^/]+))?$/

/**
 * Follows one workload: the same observation as a direct one, made of what watches know. What they can't tell (a query
 * that is no label selector, an object that isn't there, a resource that these credentials may not watch) is asked for.
 */
export function followRollout(
  { api, watches, versions }: { api: Api; watches: Watches; versions: KnownVersions },
  namespace: string,
  workload: WorkloadRef,
): Following {
  const follower = new Follower(api, watches, versions)
  const observe = rolloutObserver(follower.api)
  const observeDirectly = rolloutObserver(follower.directApi)
  return {
    look: (signal) => {
      follower.begin()
      return observe(namespace, workload, signal)
    },
    lookDirectly: (signal) => observeDirectly(namespace, workload, signal),
    changed: (signal) => follower.changed(signal),
    end: () => follower.end(),
  }
}

type Read = (change: KubernetesObject) => boolean

/** An API whose reads come from watches, and which knows when one of them would come out differently. */
class Follower {
  readonly api: Api
  /** of which only revisions come from watches */
  readonly directApi: Api
  private readonly taken = new Map<string, { collection: Collection; reads: Map<string, Read>; forget: () => void }>()
  private isStale = false
  private isOver = false
  private readonly wake = new Set<() => void>()

  constructor(
    private readonly direct: Api,
    private readonly watches: Watches,
    private readonly versions: KnownVersions,
  ) {
    this.api = { ...direct, json: (call) => this.json(call), list: (call) => this.list(call) }
    this.directApi = {
      ...direct,
      list: <T>(call: ListCall) => (isRevisions.test(call.path) ? this.list<T>(call) : direct.list<T>(call)),
    }
  }

  begin(): void {
    this.isStale = false
  }

  async changed(signal?: AbortSignal): Promise<void> {
    if (this.isStale || signal?.aborted) return
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.wake.delete(wake)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      this.wake.add(wake)
      signal?.addEventListener('abort', wake)
    })
  }

  end(): void {
    this.isOver = true
    for (const [path, { forget }] of this.taken) {
      forget()
      this.watches.giveBack(path)
    }
    this.taken.clear()
  }

  private async json<T>(call: Call): Promise<T> {
    const [, path, segment] = watched.exec(call.path) ?? []
    if (call.method !== 'GET' || path === undefined || segment === undefined) return this.direct.json<T>(call)
    const name = decodeURIComponent(segment)
    const collection = await this.reading(path, `/${name}`, (object) => nameOf(object) === name, call.signal)
    const object = collection && (await this.newest(collection, name, call))
    return object ? (object as T) : this.direct.json<T>(call)
  }

  private async list<T>(call: ListCall): Promise<T[]> {
    const [, path, segment] = watched.exec(call.path) ?? []
    const selector = selectorIn(call)
    if (path === undefined || segment !== undefined || !selector) return this.direct.list<T>(call)
    const isOne: Read = ({ metadata }) => matches(selector, metadata?.labels)
    const collection = await this.reading(path, `?${JSON.stringify(call.query ?? {})}`, isOne, call.signal)
    return collection ? (collection.objects.select(selector) as T[]) : this.direct.list<T>(call)
  }

  /** The collection once it is known; undefined where it may not be watched. Throws KUBERNETES_* where it is away. */
  private async reading(path: string, key: string, read: Read, signal?: AbortSignal): Promise<Collection | undefined> {
    // A look that is still under way would take what nobody gives back.
    if (this.isOver) return undefined
    const { collection, reads } = this.taken.get(path) ?? this.take(path)
    reads.set(key, read)
    try {
      await collection.ready(signal)
      return collection
    } catch (error) {
      if (error instanceof RefitError && !error.retryable) return undefined
      throw error
    }
  }

  private take(path: string) {
    const collection = this.watches.take(path)
    const reads = new Map<string, Read>()
    const forget = collection.listen((changes) => {
      if (changes.length === 0 || changes.some((change) => concerns(change, reads))) this.turnStale()
    })
    const one = { collection, reads, forget }
    this.taken.set(path, one)
    return one
  }

  private async newest(collection: Collection, name: string, { path, signal }: Call) {
    const wanted = this.versions.of(path)
    for (const deadline = Date.now() + behindMs; ;) {
      const object = collection.objects.get(name)
      if (!object || !isOlder(object.metadata?.resourceVersion, wanted)) return object
      const left = deadline - Date.now()
      if (left <= 0) return undefined
      await Promise.race([collection.next(signal), sleep(left)])
      await collection.ready(signal)
    }
  }

  private turnStale(): void {
    this.isStale = true
    for (const wake of [...this.wake]) wake()
  }
}

const concerns = ({ before, after }: Change, reads: ReadonlyMap<string, Read>): boolean =>
  [...reads.values()].some((read) => (before && read(before)) || (after && read(after)))

/** Undefined where something else than labels is asked for. */
function selectorIn({ query = {} }: ListCall): Selector | undefined {
  const { labelSelector = '', ...others } = query
  return Object.values(others).some((value) => value !== undefined) ? undefined : parseSelector(String(labelSelector))
}
