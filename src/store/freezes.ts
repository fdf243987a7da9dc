import type { Knex } from 'knex'
import type { Addressed, FreezeRow, PastFreeze, Store } from './contracts'
import { outboxIn } from './outbox'
import { clean } from './text'

const columns = ['id', 'namespace', 'reason', 'by', 'verified', 'at']

interface FreezeRecord extends FreezeRow {
  lifted_at: Date | null
  lifted_by: string | null
  lifted_verified: boolean | null
  lifted_because: string | null
}

/** The freeze switch: rows are lifted, never removed. What is said of a change is stored with it, or neither is. */
export function freezesIn(db: Knex): Store['freezes'] {
  const live = (trx: Knex, namespace: string | null) => trx('freeze').where({ namespace, lifted_at: null })
  return {
    add: ({ namespace, reason, by, verified = false }, tell) =>
      db.transaction(async (trx) => {
        for (;;) {
          const [row] = await trx('freeze')
            .insert({ namespace, reason: clean(reason), by: clean(by), verified })
            .onConflict(trx.raw("(coalesce(namespace, '')) where lifted_at is null"))
            .ignore()
            .returning<FreezeRow[]>(columns)
          if (row) {
            await say(trx, row, tell)
            return { ...row, isNew: true }
          }
          const held = await live(trx, namespace).first<FreezeRow | undefined>(columns)
          // Absent only when somebody lifted it this very moment.
          if (held) return { ...held, isNew: false }
        }
      }),

    lift: ({ namespace, by, verified = false, reason }, tell) =>
      db.transaction(async (trx) => {
        const [row] = await live(trx, namespace)
          .update({
            lifted_at: trx.fn.now(),
            lifted_by: clean(by),
            lifted_verified: verified,
            lifted_because: clean(reason),
          })
          .returning<FreezeRow[]>(columns)
        if (row) await say(trx, row, tell)
        return row
      }),

    list: (namespace) =>
      db('freeze')
        .select<FreezeRow[]>(columns)
        .where({ lifted_at: null })
        .modify((query) => {
          if (namespace !== undefined) void query.whereRaw('(namespace is null or namespace = ?)', [namespace])
        })
        .orderBy('at'),

    async since(at) {
      const rows = await db<FreezeRecord>('freeze')
        .whereNull('lifted_at')
        .orWhere('at', '>=', at)
        .orWhere('lifted_at', '>=', at)
        .orderBy('at', 'desc')
      return rows.map(pastOf)
    },
  }
}

async function say(trx: Knex, row: FreezeRow, tell: ((row: FreezeRow) => Addressed) | undefined): Promise<void> {
  if (!tell) return
  const { targets, alert } = tell(row)
  await outboxIn(trx).add(targets, alert)
}

const pastOf = ({ id, namespace, reason, by, verified, at, ...rest }: FreezeRecord): PastFreeze => ({
  ...{ id, namespace, reason, by, verified, at },
  lifted: rest.lifted_at && {
    at: rest.lifted_at,
    by: rest.lifted_by ?? '',
    verified: rest.lifted_verified ?? false,
    because: rest.lifted_because ?? '',
  },
})
