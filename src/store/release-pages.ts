import type { Knex } from 'knex'
import { RefitError } from '../domain/errors'
import type { ReleaseRow } from './contracts'
import { type ReleaseRecord, releaseOf } from './release-row'
import type { Page } from './view-contracts'

/** A part of all releases, newest first. USAGE for an id that is none. */
export async function releasePage(
  db: Knex,
  { limit, after }: { limit: number; after?: string | undefined },
): Promise<Page<ReleaseRow>> {
  const query = db<ReleaseRecord>('release')
    .orderBy([
      { column: 'started_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(limit + 1)
  if (after !== undefined) {
    if (!(await db<ReleaseRecord>('release').where({ id: after }).first('id')))
      throw new RefitError('USAGE', 'This cursor belongs to no list.', 'Begin without one.')
    void query.whereRaw('(started_at, id) < (select started_at, id from release where id = ?)', [after])
  }
  const rows = (await query).map(releaseOf)
  const shown = rows.slice(0, limit)
  return { rows: shown, next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null }
}
