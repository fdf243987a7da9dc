import type { Knex } from 'knex'
import type { AlertRow, Store, TargetRow } from './contracts'

type Shown = Pick<Store['outbox'], 'targets' | 'list' | 'read' | 'resend'>

const columns = `id, target, alert, attempts, last_error as "lastError", due_at as "dueAt", created_at as "createdAt",
  sent_at as "sentAt", dead_at as "deadAt",
  case when sent_at is not null then 'sent' when dead_at is not null then 'dead' else 'waiting' end as state`

/** What people see of the outbox, and what they do with it. */
export function outboxRowsIn(db: Knex): Shown {
  return {
    async targets() {
      const { rows } = await db.raw<{ rows: TargetRow[] }>(
        `with counts as (
           select target,
             count(*) filter (where sent_at is null and dead_at is null)::int as waiting,
             count(*) filter (where dead_at is not null)::int as dead,
             min(tried_since) filter (where sent_at is null and dead_at is null) as oldest
           from outbox group by target
         )
         select counts.*, coalesce(failed.last_error, '') as "lastError", coalesce(held.state = 'stuck', false) as told
         from counts
         left join alert_state held on held.topic = 'outbox/' || counts.target
         left join lateral (
           select last_error from outbox
           where target = counts.target and sent_at is null and last_error <> '' order by id desc limit 1
         ) failed on true
         order by counts.target`,
      )
      return rows
    },

    async list({ state, limit }) {
      const where = { waiting: 'sent_at is null and dead_at is null', dead: 'dead_at is not null' }
      const { rows } = await db.raw<{ rows: AlertRow[] }>(
        `select ${columns} from outbox where ${state ? where[state] : 'true'} order by id desc limit ?`,
        [limit],
      )
      return rows
    },

    async read(id) {
      const { rows } = await db.raw<{ rows: AlertRow[] }>(`select ${columns} from outbox where id = ?`, [id])
      return rows[0]
    },

    resend: (which) =>
      db.transaction(async (trx) => {
        const query = trx('outbox').whereNull('sent_at')
        if (which === 'dead') void query.whereNotNull('dead_at')
        else void query.where({ id: which.id })
        const now = trx.fn.now()
        const rows = await query
          .update({ dead_at: null, due_at: now, tried_since: now, attempts: 0 })
          .returning<{ target: string }[]>('target')
        await trx('outbox_target')
          .whereIn('target', [...new Set(rows.map(({ target }) => target))])
          .update({ rest_until: null })
        return rows.length
      }),
  }
}
