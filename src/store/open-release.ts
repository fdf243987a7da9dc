import type { Knex } from 'knex'
import { RefitError } from '../domain/errors'
import type { ReleaseRow } from './contracts'
import { type ReleaseRecord, releaseOf } from './release-row'
import { clean } from './text'

/** The open release of this definition, or a new attempt at it; refused while another is open: a hub moves to one version at a time. */
export function openRelease(
  db: Knex,
  { definition, name, by, verified }: { definition: string; name: string; by: string; verified: boolean },
): Promise<ReleaseRow> {
  return db.transaction(async (trx) => {
    await trx.raw(`select pg_advisory_xact_lock(hashtextextended('release', 0))`)
    const open = await trx<ReleaseRecord>('release').whereNull('outcome').first()
    if (open?.definition === definition) return releaseOf(open)
    if (open)
      throw new RefitError(
        'RELEASE_REFUSED',
        `Release ${open.name} is open (${open.id}, phase ${open.phase}).`,
        `Wait for its end, or refit release abort ${open.name}.`,
      )
    const attempts = await trx<ReleaseRecord>('release').where({ definition }).count<[{ count: string }]>('* as count')
    const [row] = await trx<ReleaseRecord>('release')
      .insert({
        id: `${definition}-${Number(attempts[0]?.count ?? 0) + 1}`,
        name,
        definition,
        phase: 'plan',
        requested_by: clean(by),
        requested_verified: verified,
      })
      .returning('*')
    return releaseOf(row as ReleaseRecord)
  })
}
