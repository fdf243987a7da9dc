import { createHash } from 'node:crypto'
import type { Knex } from 'knex'
import type { Alert } from '../domain/alerts'
import type { OutboxRow, Store } from './contracts'
import { outboxRowsIn } from './outbox-rows'
import { clean, toJson } from './text'

const later = (db: Knex, ms: number): Knex.Raw => db.raw(`now() + ? * interval '1 millisecond'`, [ms])

/** Alerts on their way to their targets. */
export function outboxIn(db: Knex): Store['outbox'] {
  return {
    ...outboxRowsIn(db),

    add: (targets, alert) => db.transaction((trx) => addAlert(trx, targets, alert)),

    async dueTargets() {
      const { rows } = await db.raw<{ rows: { target: string }[] }>(
        `select distinct target from outbox left join outbox_target state using (target)
         where sent_at is null and dead_at is null and due_at <= now()
           and coalesce(state.rest_until <= now(), true) and coalesce(state.leased_until <= now(), true)`,
      )
      return rows.map(({ target }) => target)
    },

    async lease(target, holder, leaseMs) {
      const { rows } = await db.raw<{ rows: { failures: number }[] }>(
        `insert into outbox_target as held (target, leased_by, leased_until) values (:target, :holder, now() + :leaseMs * interval '1 millisecond')
         on conflict (target) do update set leased_by = excluded.leased_by, leased_until = excluded.leased_until
         where (held.leased_by = excluded.leased_by or coalesce(held.leased_until <= now(), true)) and coalesce(held.rest_until <= now(), true)
         returning failures`,
        { target, holder, leaseMs },
      )
      return rows[0]?.failures
    },

    async release(target, holder) {
      await db('outbox_target').where({ target, leased_by: holder }).update({ leased_by: null, leased_until: null })
    },

    async due(target, limit) {
      const { rows } = await db.raw<{ rows: OutboxRow[] }>(
        `select id, target, alert, attempts, created_at as "createdAt", exists (
           select from outbox newer
           where newer.target = outbox.target and newer.thread = outbox.thread and newer.id > outbox.id and newer.sent_at is not null
         ) as overtaken
         from outbox where target = ? and sent_at is null and dead_at is null and due_at <= now() order by id limit ?`,
        [target, limit],
      )
      return rows
    },

    async sent(id, note = '') {
      await db('outbox')
        .where({ id, sent_at: null })
        .update({ sent_at: db.fn.now(), dead_at: null, last_error: clean(note) })
    },

    async failed(id, { error, delayMs, giveUpAfterMs }) {
      const rows = await db('outbox')
        .where({ id, sent_at: null })
        .update({
          attempts: db.raw('attempts + 1'),
          last_error: clean(error),
          due_at: later(db, delayMs),
          dead_at: db.raw(`case when tried_since + ? * interval '1 millisecond' <= now() then now() end`, [
            giveUpAfterMs,
          ]),
        })
        .returning<{ dead_at: Date | null }[]>('dead_at')
      return rows[0]?.dead_at ? 'dead' : 'waiting'
    },

    async rest(target, ms) {
      const state =
        ms > 0
          ? { rest_until: later(db, ms), failures: db.raw('outbox_target.failures + 1') }
          : { rest_until: null, failures: 0 }
      await db('outbox_target').where({ target }).update(state)
    },

    giveUp: (targets, afterMs) =>
      db('outbox')
        .whereNull('sent_at')
        .whereNull('dead_at')
        .whereNotIn('target', [...targets])
        .whereRaw(`tried_since + ? * interval '1 millisecond' <= now()`, [afterMs])
        .update({ dead_at: db.fn.now(), last_error: db.raw(`'refit.yaml has no target ' || target || ' any more.'`) }),
  }
}

/**
 * Stores an alert for these targets in a transaction that writes what it tells of as well. Whatever the caller makes of
 * the same news later, what is sent under a key is what came first. Returns whether it is news.
 */
export async function addAlert(trx: Knex.Transaction, targets: readonly string[], alert: Alert): Promise<boolean> {
  const key = await keyOf(trx, alert)
  if (key === undefined) return false
  if (targets.length === 0) return true
  const frozen = toJson({ ...alert, key, news: undefined, settles: undefined })
  const added = await trx('outbox')
    .insert(targets.map((target) => ({ target, key, alert: frozen })))
    .onConflict(['target', 'key'])
    .ignore()
    .returning('id')
  return added.length > 0
}

/**
 * The key under which an alert is kept; undefined when it is no news. An alert that tells of states is news if one of them
 * is new, and its key says which, in which revision: the same state, left and come back, is news again.
 */
async function keyOf(trx: Knex, { key, news, settles }: Alert): Promise<string | undefined> {
  const revisions = await noteStates(trx, { ...settles, ...news })
  if (!news) return key
  const changed = Object.keys(news)
    .sort()
    .flatMap((topic) => (revisions.has(clean(topic)) ? [`${topic}#${revisions.get(clean(topic))}`] : []))
  return changed.length > 0
    ? `${key}/${createHash('sha256').update(changed.join('\n')).digest('hex').slice(0, 16)}`
    : undefined
}

/** The new revisions of the states that are not the known ones. Thousands in one statement: a scan settles every service. */
async function noteStates(trx: Knex, states: Record<string, string>): Promise<Map<string, number>> {
  const said = new Map(Object.entries(states).map(([topic, state]) => [clean(topic), clean(state)]))
  if (said.size === 0) return new Map()
  // In one order everywhere, or two scans could wait for each other.
  const topics = [...said.keys()].sort()
  const { rows } = await trx.raw<{ rows: { topic: string; revision: number }[] }>(
    `insert into alert_state as held (topic, state)
     select topic, state from unnest(?::text[], ?::text[]) with ordinality as said (topic, state, position)
     order by position
     on conflict (topic) do update set state = excluded.state, revision = held.revision + 1, changed_at = now()
     where held.state <> excluded.state
     returning topic, revision`,
    [topics, topics.map((topic) => said.get(topic) as string)],
  )
  return new Map(rows.map(({ topic, revision }) => [topic, revision]))
}
