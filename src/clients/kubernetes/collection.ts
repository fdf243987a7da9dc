import { setTimeout as sleep } from 'node:timers/promises'
import { RefitError } from '../../domain/errors'
import type { Api } from './api'
import type { Answer } from './connection'
import { failureOf } from './errors'
import { type Change, type KubernetesObject, nameOf, WatchedObjects } from './watch-objects'

/** The server ends a watch after this, and a new one goes on from there: so nobody believes a dead connection for longer. */
const watchSeconds = 30
const answersWithinMs = 5_000
const [firstPauseMs, longestPauseMs] = [250, 5_000]
/** Rights are given seldom. */
const refusedPauseMs = 60_000
/** What ends sooner was cut off by something between: watching again at once would be a flood. */
const shortestWatchMs = 1_000

type State = { kind: 'starting' } | { kind: 'live' } | { kind: 'away'; error: unknown }

/** One list and the watch that keeps it up to date, for as long as it isn't closed. */
export class Collection {
  readonly objects = new WatchedObjects()
  private state: State = { kind: 'starting' }
  private readonly closing = new AbortController()
  private readonly listeners = new Set<(changes: Change[]) => void>()
  private wake: (() => void)[] = []

  /** `path`: of a list within one namespace. */
  constructor(
    private readonly api: Api,
    private readonly path: string,
  ) {
    void this.run()
  }

  /**
   * Resolves once everything is known and the server keeps telling what changes. Throws KUBERNETES_* where it doesn't, or
   * the signal's reason.
   */
  async ready(signal?: AbortSignal): Promise<void> {
    while (this.state.kind === 'starting') await this.next(signal)
    signal?.throwIfAborted()
    if (this.state.kind === 'away') throw this.state.error
  }

  /** Resolves with the next change of anything, or of whether it can be read; at the latest when the signal aborts. */
  next(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => reject(signal?.reason as Error)
      if (signal?.aborted) return end()
      signal?.addEventListener('abort', end, { once: true })
      this.wake.push(() => {
        signal?.removeEventListener('abort', end)
        resolve()
      })
    })
  }

  /** Hears every change from now on, and an empty list when it can or can't be read any more. Returns the end of it. */
  listen(listener: (changes: Change[]) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Ends the watch; who waits is told that the client was closed. */
  close(): void {
    this.closing.abort(new RefitError('KUBERNETES_UNAVAILABLE', 'The watch was closed.', 'Start again.'))
  }

  private async run(): Promise<void> {
    const { signal } = this.closing
    let version: string | undefined
    for (let pauseMs = firstPauseMs; !signal.aborted;) {
      try {
        version ??= await this.list()
        const begun = Date.now()
        version = await this.watch(version)
        if (Date.now() - begun >= shortestWatchMs) pauseMs = firstPauseMs
        else pauseMs = await this.pause(pauseMs)
      } catch (error) {
        // Listed anew after any trouble: what happened meanwhile must not be told late, as if it happened now.
        version = undefined
        if (error instanceof Expired) continue
        this.turn({ kind: 'away', error })
        const isRefused = error instanceof RefitError && !error.retryable
        if (isRefused) await this.pause(refusedPauseMs)
        else pauseMs = await this.pause(pauseMs)
      }
    }
    this.turn({ kind: 'away', error: signal.reason })
  }

  /** Returns how long the next one is. */
  private async pause(ms: number): Promise<number> {
    await sleep(ms, undefined, { signal: this.closing.signal }).catch(() => undefined)
    return Math.min(ms * 2, longestPauseMs)
  }

  private async list(): Promise<string> {
    const { path, api } = this
    const { items, resourceVersion } = await api.listAt<KubernetesObject>({ ...this.call('list'), path })
    this.tell(this.objects.replace(items))
    return resourceVersion
  }

  /** Takes what changes after this version until the server ends the watch; returns the version that was reached. */
  private async watch(since: string): Promise<string> {
    let version = since
    const query = {
      ...{ watch: 'true', allowWatchBookmarks: 'true', resourceVersion: since },
      timeoutSeconds: watchSeconds,
    }
    const timeoutMs = watchSeconds * 1_000 + answersWithinMs
    const opened = () => this.turn({ kind: 'live' })
    let said: unknown
    const line = (text: string) => {
      try {
        version = this.take(text) ?? version
      } catch (error) {
        said = error
        throw error
      }
    }
    const call = { method: 'GET' as const, ...this.call('watch'), query, timeoutMs }
    const refused = await this.api.lines(call, { opened, line }).catch((error: unknown) => {
      // What the server says in an event is not a failure of the connection.
      throw said ?? error
    })
    if (refused) throw this.failure(refused)
    return version
  }

  private call(verb: string) {
    const { path } = this
    return {
      path,
      signal: this.closing.signal,
      doing: `${verb} ${path.split('/').at(-1)} in ${path.split('/').at(-2)}`,
    }
  }

  /** One line of a watch; returns its version. */
  private take(text: string): string | undefined {
    const { type, object } = eventOf(text)
    if (type === 'ERROR') {
      const { code: status = 500 } = object as { code?: number }
      throw this.failure({ status, headers: {}, body: Buffer.from(JSON.stringify(object)) })
    }
    if (type === 'DELETED') this.tell([this.objects.remove(nameOf(object))])
    if (type === 'ADDED' || type === 'MODIFIED') this.tell([this.objects.put(object)])
    return object.metadata?.resourceVersion
  }

  private failure(answer: Answer): Error {
    return answer.status === 410 ? new Expired() : failureOf(answer, this.call('watch').doing)
  }

  private turn(state: State): void {
    const isSame = state.kind === this.state.kind
    this.state = state
    if (!isSame) this.announce([])
  }

  private tell(changes: (Change | undefined)[]): void {
    const real = changes.filter((change) => change !== undefined)
    if (real.length > 0) this.announce(real)
  }

  private announce(changes: Change[]): void {
    for (const listener of this.listeners) listener(changes)
    for (const wake of this.wake.splice(0)) wake()
  }
}

/** The version that a watch was to go on from is forgotten. */
class Expired extends Error {}

function eventOf(text: string): { type: string; object: KubernetesObject } {
  try {
    const { type, object } = JSON.parse(text) as { type: string; object: KubernetesObject }
    return { type, object }
  } catch {
    throw new RefitError(
      'KUBERNETES_UNAVAILABLE',
      'What answers a watch of Kubernetes does not speak JSON.',
      'Check the server that the kubeconfig names: a proxy may answer in its place.',
    )
  }
}
