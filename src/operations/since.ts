import { readDigest } from '../activities/read-digest'
import type { Config } from '../config'
import type { DigestFacts } from '../domain/digest'
import type { ServiceKey, Store, UpgradeEvent } from '../store/contracts'

/** What `refit status --since -o json` prints: what a digest tells, and what was recorded, newest first. */
export interface SinceReport extends DigestFacts {
  hub: { name: string; environment: string }
  events: (UpgradeEvent & ServiceKey)[]
}

const mostEvents = 500

/** The story of the hub since `ago` ms, from the store alone. */
export async function since(
  { store, config }: { store: Store; config: Config },
  ago: number,
  now: Date,
): Promise<SinceReport> {
  const from = new Date(now.getTime() - ago)
  const [facts, events] = await Promise.all([
    readDigest({ store, config }, { from, to: now }),
    store.happenings.events(from, now, mostEvents),
  ])
  return { hub: { name: config.hub.name, environment: config.hub.environment }, ...facts, events }
}
