import type { Knex } from 'knex'
import { RefitError } from '../domain/errors'
import { clean } from './text'
import { type UpgradeRecord, upgradeOf } from './upgrade-row'
import type { UpgradeFilter, ViewStore } from './view-contracts'

/** Long lists of upgrades: a part begins where the last one ended, so that what is added meanwhile moves nothing. */
export function upgradePagesIn(db: Knex): ViewStore['upgradePages'] {
  return {
    async page(filter, { limit, after }) {
      const query = db<UpgradeRecord>('upgrade')
        .orderBy([
          { column: 'started_at', order: 'desc' },
          { column: 'id', order: 'desc' },
        ])
        .limit(limit + 1)
      narrow(query, filter)
      if (after !== undefined) {
        await assertKnown(db, after)
        void query.whereRaw('(started_at, id) < (select started_at, id from upgrade where id = ?)', [after])
      }
      const rows = (await query).map(upgradeOf)
      const shown = rows.slice(0, limit)
      return { rows: shown, next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null }
    },
  }
}

async function assertKnown(db: Knex, id: string): Promise<void> {
  if (await db<UpgradeRecord>('upgrade').where({ id }).first('id')) return
  throw new RefitError('USAGE', 'This cursor belongs to no list.', 'Begin without one.')
}

function narrow(
  query: Knex.QueryBuilder<UpgradeRecord>,
  { namespace, service, outcome, phase, state, by, from, to, q }: UpgradeFilter,
): void {
  if (namespace !== undefined) void query.where({ namespace: clean(namespace) })
  if (service !== undefined) void query.where({ service: clean(service) })
  if (outcome !== undefined) void query.where({ outcome })
  if (phase !== undefined) void query.where({ phase })
  if (state !== undefined) void query.whereRaw(states[state])
  if (from !== undefined) void query.where('started_at', '>=', from)
  if (to !== undefined) void query.where('started_at', '<', to)
  if (by !== undefined)
    void query.whereRaw('exists (select from upgrade_event where upgrade_id = upgrade.id and by = ?)', [clean(by)])
  if (q !== undefined)
    void query.whereRaw(
      `concat_ws(' ', namespace || '/' || service, from_tag, to_tag, id, to_digest, message) ilike ?`,
      [`%${clean(q).replace(/[\\%_]/g, '\\$&')}%`],
    )
}

const states: Record<NonNullable<UpgradeFilter['state']>, string> = {
  open: 'outcome is null',
  held: "outcome = 'held' and resolved_at is null",
  ended: "outcome is not null and (outcome <> 'held' or resolved_at is not null)",
}
