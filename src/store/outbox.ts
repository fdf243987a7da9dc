import { createHash } from 'node:crypto'
import type { Knex } from 'knex'
import type { Alert } from '../domain/alerts'
import type { OutboxRow, Store } from './contracts'
import { clean, toJson } from './text'

/** Alerts on their way to their targets. */
export function outboxIn(db: Knex): Store['outbox'] {
  return {
    add: (targets: string[], alert: Alert) =>
      db.transaction(async (trx) => {
        const key = await keyOf(trx, alert)
        if (key === undefined || targets.length === 0) return
        await trx('outbox')
          .insert(targets.map((target) => ({ target, key, alert: toJson({ ...alert, key }) })))
          .onConflict(['target', 'key'])
          .ignore()
      }),

    async claim(limit, leaseMs) {
      const { rows } = await db.raw<{ rows: OutboxRow[] }>(
        `update outbox set attempts = attempts + 1, due_at = now() + ? * interval '1 millisecond'
         where id in (
           select id from outbox where sent_at is null and due_at <= now() order by id limit ? for update skip locked
         )
         returning id, target, alert, attempts`,
        [leaseMs, limit],
      )
      return rows.sort((a, b) => Number(a.id) - Number(b.id))
    },

    async sent(id) {
      await db('outbox').where({ id, sent_at: null }).update({ sent_at: db.fn.now(), last_error: '' })
    },

    async failed(id, error, retryAt) {
      await db('outbox')
        .where({ id, sent_at: null })
        .update({ last_error: clean(error), due_at: retryAt })
    },
  }
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
