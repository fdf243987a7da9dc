import { RefitError } from '../domain/errors'
import type { Store } from '../store/contracts'

/** Before every write: a run of a data workflow that has ended writes nothing any more. */
export async function assertDataOpen(store: Pick<Store, 'data'>, dataId: string): Promise<void> {
  const row = await store.data.read(dataId)
  if (row && row.outcome === null) return
  throw new RefitError(
    'UPGRADE_UNKNOWN',
    `The data workflow ${dataId} ${row ? `has ended (${row.outcome})` : 'is not in the store'}; nothing was changed.`,
    'refit data status says where it stands.',
  )
}
