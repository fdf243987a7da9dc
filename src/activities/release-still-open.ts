import { RefitError } from '../domain/errors'
import type { ReleaseRow, Store } from '../store/contracts'

/** Before every step of a release: one that has ended does nothing any more, whatever replays it. */
export async function assertReleaseOpen(store: Store, releaseId: string): Promise<ReleaseRow> {
  const row = await store.releases.read(releaseId)
  if (row && row.outcome === null) return row
  throw new RefitError(
    'RELEASE_UNKNOWN',
    `Release ${releaseId} ${row ? `has ended (${row.outcome})` : 'is not in the store'}; nothing was done.`,
    'refit release status says what became of it.',
  )
}
