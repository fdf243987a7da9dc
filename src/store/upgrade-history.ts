import type { Knex } from 'knex'
import type { Store } from './contracts'
import { type UpgradeRecord, upgradeOf } from './upgrade-row'

/** How many of a service's upgrades say how long the next one takes. */
const remembered = 20
const mostSucceeded = 50

/** What earlier upgrades tell of later ones. */
export function upgradeHistoryIn(db: Knex): Pick<Store['upgrades'], 'durations' | 'succeededWith'> {
  return {
    async durations({ namespace, service }) {
      // bake and rollback have ended by then; the wait for approval and window hasn't counted.
      const { rows } = await db.raw<{ rows: { ms: string }[] }>(
        `select extract(epoch from upgrade.ended_at - min(upgrade_event.at)) * 1000 as ms
         from upgrade join upgrade_event on upgrade_event.upgrade_id = upgrade.id and upgrade_event.phase = 'preflight'
         where upgrade.namespace = ? and upgrade.service = ? and upgrade.outcome = 'succeeded'
         group by upgrade.id order by upgrade.ended_at desc limit ?`,
        [namespace, service, remembered],
      )
      return rows.map(({ ms }) => Math.max(0, Math.round(Number(ms))))
    },

    async succeededWith(digest) {
      const { rows } = await db.raw<{ rows: (UpgradeRecord & { next_ended_at: Date | null })[] }>(
        `select upgrade.*, next.ended_at as next_ended_at
         from upgrade left join lateral (
           select min(later.ended_at) as ended_at from upgrade later
           where later.namespace = upgrade.namespace and later.service = upgrade.service
             and later.outcome = 'succeeded' and later.ended_at > upgrade.ended_at
         ) next on true
         where upgrade.to_digest = ? and upgrade.outcome = 'succeeded'
         order by upgrade.ended_at desc limit ?`,
        [digest, mostSucceeded],
      )
      return rows.map(({ next_ended_at: replacedAt, ...row }) => ({ ...upgradeOf(row), replacedAt }))
    },
  }
}
