import type { Knex } from 'knex'
import type { FreezeRow, Store } from './contracts'
import { clean } from './text'

const columns = ['id', 'namespace', 'reason', 'by', 'at']

/** The freeze switch: rows are lifted, never removed. */
export function freezesIn(db: Knex): Store['freezes'] {
  const live = (namespace: string | null) => db('freeze').where({ namespace, lifted_at: null })
  return {
    async add({ namespace, reason, by }) {
      await db('freeze')
        .insert({ namespace, reason: clean(reason), by: clean(by) })
        .onConflict(db.raw("(coalesce(namespace, '')) where lifted_at is null"))
        .ignore()
      return await live(namespace).first<FreezeRow>(columns)
    },

    async lift(namespace, by, reason) {
      const lifted = await live(namespace).update({
        lifted_at: db.fn.now(),
        lifted_by: clean(by),
        lifted_because: clean(reason),
      })
      return lifted > 0
    },

    list: (namespace) =>
      db('freeze')
        .select<FreezeRow[]>(columns)
        .where({ lifted_at: null })
        .modify((query) => {
          if (namespace !== undefined) void query.whereRaw('(namespace is null or namespace = ?)', [namespace])
        })
        .orderBy('at'),
  }
}
