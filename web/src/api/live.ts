/** Follows `/api/v1/changes` and has whatever changed asked again. */
import type { QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'

export type Liveness = 'connecting' | 'live' | 'away'

interface Change {
  topics: string[]
  upgradeId?: string
  namespace?: string
  service?: string
}

/** Which queries, by the first part of their key, a topic makes old. */
const rootsOf: Readonly<Record<string, readonly string[]>> = {
  upgrade: ['services', 'service', 'upgrade', 'upgrades', 'release', 'releases'],
  vote: ['services', 'service', 'upgrade', 'release', 'data'],
  sample: ['upgrade'],
  scan: ['services', 'service', 'registries'],
  freeze: ['services', 'service', 'calendar', 'freezes'],
  quarantine: ['services', 'service', 'quarantine'],
  release: ['releases', 'release', 'upgrade'],
  data: ['data', 'service', 'upgrade'],
  schedule: ['services', 'schedules'],
}

/**
 * Steps of an upgrade and decisions of a scan come in bursts: one question for all that came meanwhile, and the answer is
 * awaited before the next. On a slow link, or with thousands of services, questions so get rarer by themselves.
 */
const gatherMs = { least: 120, most: 5_000 }
const retryMs = { first: 1_000, most: 15_000 }

let liveness: Liveness = 'connecting'
const listeners = new Set<() => void>()
function say(next: Liveness): void {
  if (next === liveness) return
  liveness = next
  for (const each of listeners) each()
}

/** Whether this page hears of changes as they happen. */
export const useLiveness = (): Liveness =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => liveness,
  )

export const isLive = (): boolean => liveness === 'live'

/** Listens until the returned function is called; connects again by itself, also after the server was away. */
export function followChanges(client: QueryClient): () => void {
  let source: EventSource | undefined
  let timer: number | undefined
  let gathering: number | undefined
  let stopped = false
  let reconnects = false
  let retryInMs = retryMs.first
  const stale = new Set<string>()
  const staleUpgrades = new Set<string>()

  async function flush(): Promise<void> {
    const roots = new Set(stale)
    const ids = new Set(staleUpgrades)
    stale.clear()
    staleUpgrades.clear()
    const began = Date.now()
    const asked = client.invalidateQueries({
      predicate: ({ queryKey: [root, id] }) =>
        roots.has(String(root)) && (root !== 'upgrade' || ids.has('*') || ids.has(String(id))),
    })
    await Promise.race([asked, new Promise((resolve) => window.setTimeout(resolve, gatherMs.most))])
    gathering = undefined
    if (stale.size > 0) gather(Math.min(2 * (Date.now() - began), gatherMs.most))
  }

  function gather(ms: number): void {
    gathering ??= window.setTimeout(() => void flush(), Math.max(ms, gatherMs.least))
  }

  function changed(event: MessageEvent<string>): void {
    const { topics = [], upgradeId } = JSON.parse(event.data) as Partial<Change>
    for (const topic of topics) for (const root of rootsOf[topic] ?? []) stale.add(root)
    staleUpgrades.add(upgradeId ?? '*')
    gather(gatherMs.least)
  }

  const everything = (): void => void client.invalidateQueries()

  function connect(): void {
    if (stopped) return
    window.clearTimeout(timer)
    source?.close()
    source = new EventSource('/api/v1/changes')
    source.addEventListener('open', () => {
      say('live')
      // Nobody tells what happened while nobody listened.
      if (reconnects) everything()
      retryInMs = retryMs.first
      reconnects = true
    })
    source.addEventListener('changed', changed)
    source.addEventListener('resync', everything)
    source.addEventListener('error', () => {
      say('away')
      // An answer that is no stream, such as 401 or 503, ends the browser's own attempts.
      if (source?.readyState !== EventSource.CLOSED) return
      void client.invalidateQueries({ queryKey: ['session'] })
      timer = window.setTimeout(connect, retryInMs)
      retryInMs = Math.min(2 * retryInMs, retryMs.most)
    })
  }

  let hiddenSince = 0
  // A phone that slept has a connection that nobody told of its end.
  function woke(): void {
    if (document.visibilityState === 'hidden') hiddenSince = Date.now()
    else if (hiddenSince > 0 && Date.now() - hiddenSince > 30_000) connect()
  }
  document.addEventListener('visibilitychange', woke)
  window.addEventListener('online', connect)
  connect()
  return () => {
    stopped = true
    window.clearTimeout(timer)
    window.clearTimeout(gathering)
    source?.close()
    document.removeEventListener('visibilitychange', woke)
    window.removeEventListener('online', connect)
    say('connecting')
  }
}
