import type { Knex } from 'knex'
import type { Store, VoteRow } from './contracts'
import { clean } from './text'

const columns = {
  id: 'id',
  namespace: 'namespace',
  service: 'service',
  upgradeId: 'upgrade_id',
  planHash: 'plan_hash',
  verb: 'verb',
  by: 'by',
  groups: 'groups',
  via: 'via',
  reason: 'reason',
  changeReference: 'change_reference',
  now: 'now',
  overrideFreeze: 'override_freeze',
  until: 'until',
  at: 'at',
}

/** What people who logged in said to upgrades: append-only. */
export function votesIn(db: Knex): Store['votes'] {
  return {
    async cast({ upgradeId, planHash, changeReference, overrideFreeze, groups, ...vote }) {
      await db('vote')
        .insert({
          ...vote,
          by: clean(vote.by),
          reason: clean(vote.reason),
          groups: JSON.stringify(groups),
          upgrade_id: upgradeId,
          plan_hash: planHash,
          change_reference: clean(changeReference),
          override_freeze: overrideFreeze,
        })
        .onConflict('id')
        .ignore()
    },

    async read(id) {
      const [row] = await db('vote').select<VoteRow[]>(columns).where({ id })
      return row
    },

    async last(upgradeId, by) {
      const [row] = await db('vote')
        .select<VoteRow[]>(columns)
        .where({ upgrade_id: upgradeId, by })
        .orderBy('at', 'desc')
        .limit(1)
      return row
    },

    list: (upgradeId) => db('vote').select<VoteRow[]>(columns).where({ upgrade_id: upgradeId }).orderBy(['at', 'id']),
  }
}
