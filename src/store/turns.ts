import type { Knex } from 'knex'
import type { ServiceKey, Store } from './contracts'

/**
 * Under way are those that hold a turn and are before their bake; who has just taken one is not on record as such for a
 * moment. What has ended counts no more, so nobody gives a turn back, and none is lost with a worker.
 */
const underway = `
  select count(*)::int as count from turn join upgrade on upgrade.id = turn.upgrade_id
  where outcome is null and taken_at is not null and upgrade.id <> ?
    and (phase in ('preflight', 'expand', 'backfill', 'rollout') or taken_at > now() - interval '1 minute')`

/** How many upgrades are under way at the same time, and who comes next. */
export function turnsIn(db: Knex): Store['turns'] {
  return {
    take: (upgradeId, most) =>
      db.transaction(async (trx) => {
        await oneAfterTheOther(trx)
        const hasRoom = (await countOf(trx, upgradeId)) < most
        await trx('turn')
          .insert({ upgrade_id: upgradeId, taken_at: hasRoom ? trx.fn.now() : null })
          .onConflict('upgrade_id')
          .merge({ taken_at: hasRoom ? trx.fn.now() : null, called_at: null })
        return hasRoom
      }),

    call: (most) =>
      db.transaction(async (trx) => {
        if (!(await inLine(trx).first('upgrade_id'))) return []
        await oneAfterTheOther(trx)
        const room = Math.max(0, most - (await countOf(trx, '')) - (await answering(trx)))
        const { rows } = await trx.raw<{ rows: ServiceKey[] }>(
          `update turn set called_at = now() from upgrade
           where upgrade.id = turn.upgrade_id and turn.upgrade_id in (?)
           returning namespace, service`,
          [inLine(trx).orderBy('wanted_at').limit(room).select('upgrade_id')],
        )
        return rows
      }),
  }
}

/** Who wait for a turn and were not called since they asked; who has ended waits no more. */
const inLine = (trx: Knex.Transaction) =>
  trx('turn')
    .join('upgrade', 'upgrade.id', 'turn.upgrade_id')
    .where({ outcome: null, phase: 'window', taken_at: null, called_at: null })

/** Who was called a moment ago takes the turn as soon as it has asked; a call that was lost with its worker holds none for long. */
async function answering(trx: Knex.Transaction): Promise<number> {
  const { rows } = await trx.raw<{ rows: { count: number }[] }>(
    `select count(*)::int as count from turn where taken_at is null and called_at > now() - interval '10 seconds'`,
  )
  return rows[0]?.count ?? 0
}

const oneAfterTheOther = (trx: Knex.Transaction) => trx.raw(`select pg_advisory_xact_lock(hashtext('refit turn'))`)

async function countOf(trx: Knex.Transaction, but: string): Promise<number> {
  const { rows } = await trx.raw<{ rows: { count: number }[] }>(underway, [but])
  return rows[0]?.count ?? 0
}
