import type { Knex } from 'knex'
import type { Store } from './contracts'
import { outboxIn } from './outbox'
import { clean } from './text'

/** The daily digests that went out. */
export function digestsIn(db: Knex): Store['digests'] {
  return {
    async last() {
      const row = await db('digest').max<{ to: Date | null }>('to_at as to').first()
      return row?.to ?? undefined
    },

    add: ({ slot, from, to }, { targets, alert }) =>
      db.transaction(async (trx) => {
        const inserted = await trx('digest')
          .insert({ slot: clean(slot), from_at: from, to_at: to })
          .onConflict('slot')
          .ignore()
          .returning('slot')
        if (inserted.length === 0) return false
        await outboxIn(trx).add(targets, alert)
        return true
      }),
  }
}
