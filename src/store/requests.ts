import type { Knex } from 'knex'
import { clean, toJson } from './text'
import type { ViewStore } from './view-contracts'

interface RequestRecord {
  by: string
  key: string
  what: string
  answer: { status: number; body: string } | null
}

/** After so long nobody carries it out any more: the server that did has died. */
const abandoned = "interval '2 minutes'"
const forgotten = "interval '1 day'"

/** Requests that may be repeated, by their Idempotency-Key. */
export function requestsIn(db: Knex): ViewStore['requests'] {
  const rows = ({ by, key }: { by: string; key: string }) =>
    db<RequestRecord>('request').where({ by: clean(by), key: clean(key) })
  return {
    async begin({ by, key, what }) {
      await db('request')
        .whereRaw(`at < now() - ${forgotten} or (answer is null and at < now() - ${abandoned})`)
        .delete()
      const added = await db('request')
        .insert({ by: clean(by), key: clean(key), what })
        .onConflict(['by', 'key'])
        .ignore()
        .returning('what')
      if (added.length > 0) return { kind: 'new' }
      const row = await rows({ by, key }).first()
      // Gone again: who had it came to nothing just now.
      if (!row) return { kind: 'running' }
      if (row.what !== what) return { kind: 'another' }
      return row.answer ? { kind: 'done', answer: row.answer } : { kind: 'running' }
    },

    async end(request, answer) {
      await rows(request).update({ answer: toJson(answer) as unknown as RequestRecord['answer'] })
    },

    async forget(request) {
      await rows(request).whereNull('answer').delete()
    },
  }
}
