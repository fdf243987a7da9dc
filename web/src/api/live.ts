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

/** Steps of an upgrade come in bursts: one question for all that came meanwhile. */
const gatherMs = 120
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
  let retryInMs = retryMs.first
  const stale = new Set<string>()
  const staleUpgrades = new Set<string>()

  function flush(): void {
    gathering = undefined
    const roots = new Set(stale)
    const ids = new Set(staleUpgrades)
    stale.clear()
    staleUpgrades.clear()
    void client.invalidateQueries({
      predicate: ({ queryKey: [root, id] }) =>
        roots.has(String(root)) && (root !== 'upgrade' || ids.size === 0 || ids.has(String(id)) || ids.has('*')),
    })
  }

  function changed(event: MessageEvent<string>): void {
    const { topics = [], upgradeId } = JSON.parse(event.data) as Partial<Change>
    for (const topic of topics) for (const root of rootsOf[topic] ?? []) stale.add(root)
    staleUpgrades.add(upgradeId ?? '*')
    gathering ??= window.setTimeout(flush, gatherMs)
  }

  const everything = (): void => void client.invalidateQueries()

  function connect(): void {
    if (stopped) return
    window.clearTimeout(timer)
    source?.close()
    let wasOpen = false
    source = new EventSource('/api/v1/changes')
    source.addEventListener('open', () => {
      say('live')
      // Nobody tells what happened while nobody listened.
      if (wasOpen || reconnects) everything()
      wasOpen = true
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

  let reconnects = false
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
