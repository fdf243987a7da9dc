import type { Knex } from 'knex'
import type { Store } from './contracts'
import { type EventRecord, eventOf, type UpgradeRecord, upgradeOf } from './upgrade-row'

/** What happened in a stretch of time. */
export function happeningsIn(db: Knex): Store['happenings'] {
  return {
    async ended(from, to) {
      const rows = await db<UpgradeRecord>('upgrade')
        .where('ended_at', '>=', from)
        .andWhere('ended_at', '<', to)
        .orderBy(['ended_at', 'id'])
      return rows.map(upgradeOf)
    },

    async events(from, to, limit) {
      const rows = (await db('upgrade_event as event')
        .join('upgrade', 'upgrade.id', 'event.upgrade_id')
        .select('event.*', 'upgrade.namespace', 'upgrade.service')
        .where('event.at', '>=', from)
        .andWhere('event.at', '<', to)
        .orderBy([
          { column: 'event.at', order: 'desc' },
          { column: 'event.position', order: 'desc' },
        ])
        .limit(limit)) as (EventRecord & { namespace: string; service: string })[]
      return rows.map((row) => ({ ...eventOf(row), namespace: row.namespace, service: row.service }))
    },

    async undelivered(before) {
      const row = await db('outbox')
        .whereNull('sent_at')
        .andWhere('created_at', '<', before)
        .count<{ count: string }>('* as count')
        .first()
      return Number(row?.count ?? 0)
    },
  }
}
