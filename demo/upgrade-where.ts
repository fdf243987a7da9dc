import type { ServiceKey, Store, UpgradeRow } from '../src/store/contracts'

interface Patience {
  withinMs: number
  everyMs?: number
  /** what is waited for, in words, for whoever reads that it did not come */
  what?: string
}

/**
 * The service's newest upgrade, once it is as asked. Asks the store, not Temporal: it answers also while no worker is up.
 * A store that can't answer meanwhile is asked again, and told of only when the time is over.
 */
export async function upgradeWhere(
  store: Pick<Store, 'upgrades'>,
  key: ServiceKey,
  done: (row: UpgradeRow) => boolean,
  { withinMs, everyMs = 100, what = 'an upgrade as asked' }: Patience,
): Promise<UpgradeRow> {
  let seen: unknown
  for (const deadline = Date.now() + withinMs; Date.now() < deadline;) {
    try {
      const row = await store.upgrades.latest(key)
      if (row && done(row)) return row
      seen = JSON.stringify(row)
    } catch (error) {
      seen = error
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  const id = `${key.namespace}/${key.service}`
  throw new Error(`waited ${withinMs / 1000} s for ${what} of ${id}; the newest one: ${String(seen)}`)
}
