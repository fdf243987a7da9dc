import { RefitError } from '../domain/errors'
import type { Store } from '../store/contracts'

/**
 * Before every write: an upgrade that has ended writes nothing any more, whether a reset replays it or an attempt that
 * was believed dead wakes up.
 */
export async function assertStillOpen(store: Store, upgradeId: string): Promise<void> {
  const row = await store.upgrades.read(upgradeId)
  if (row && row.outcome === null) return
  throw new RefitError(
    'UPGRADE_UNKNOWN',
    `Upgrade ${upgradeId} ${row ? `has ended (${row.outcome})` : 'is not in the store'}; nothing was changed.`,
    'Run refit scan for a new one.',
  )
}
