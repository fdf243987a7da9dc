import type { Knex } from 'knex'
import type { ShortDecision, TagExplanation } from '../domain/decision'
import type { DecisionRow, ServiceKey, Store } from './contracts'
import { toJson } from './text'

interface DecisionRecord extends ServiceKey {
  body: ShortDecision
  tags: TagExplanation[]
  inputs: string
  watched_tag: string | null
  watched_digest: string | null
  revisit_at: Date | null
  at: Date
}

/** A statement's size stays bounded: a decision explains up to 1,000 tags. */
const rowsPerInsert = 50

/** What the last scan says of each service. */
export function decisionsIn(db: Knex): Store['decisions'] {
  return {
    save: ({ scanId, readSince }, rows) =>
      db.transaction(async (trx) => {
        const sorted = [...rows].sort((a, b) => (idOf(a.decision) < idOf(b.decision) ? -1 : 1))
        for (let start = 0; start < sorted.length; start += rowsPerInsert)
          await trx('decision')
            .insert(
              sorted
                .slice(start, start + rowsPerInsert)
                .map((row) => ({ ...recordOf(row), scan_id: scanId, read_since: readSince, at: trx.fn.now() })),
            )
            .onConflict(['namespace', 'service'])
            .merge()
            .where('decision.read_since', '<=', readSince)
      }),

    async confirm({ scanId, readSince }, keys) {
      await db.raw(
        `with kept as (
           select namespace, service from decision
           where (namespace, service) in (select * from unnest(?::text[], ?::text[])) and read_since <= ?
           order by namespace, service for update
         )
         update decision set scan_id = ?, at = now(), read_since = ? from kept
         where decision.namespace = kept.namespace and decision.service = kept.service`,
        [...columns(keys), readSince, scanId, readSince],
      )
    },

    async inputsOf(keys) {
      const { rows } = await db.raw<{ rows: DecisionRecord[] }>(
        `select namespace, service, inputs, watched_tag, watched_digest, revisit_at from decision
         where (namespace, service) in (select * from unnest(?::text[], ?::text[]))`,
        columns(keys),
      )
      return new Map(rows.map((row) => [idOf(row), inputsIn(row)]))
    },

    async forget(unseenSince) {
      await db('decision').where('at', '<', unseenSince).delete()
    },

    async list() {
      const rows = await db<DecisionRecord>('decision').select('body', 'at').orderBy(['namespace', 'service'])
      return rows.map(({ body, at }) => ({ ...body, at }))
    },

    async read({ namespace, service }) {
      const row = await db<DecisionRecord>('decision').where({ namespace, service }).first()
      return row && { ...row.body, tags: row.tags, at: row.at }
    },
  }
}

const idOf = ({ namespace, service }: ServiceKey): string => `${namespace}/${service}`

/** As two arrays: a batch may have more services than a statement may have bindings. */
const columns = (keys: ServiceKey[]): [string[], string[]] => [
  keys.map(({ namespace }) => namespace),
  keys.map(({ service }) => service),
]

function recordOf({ decision, inputs, watched, revisitAt }: DecisionRow) {
  const { tags, ...body } = decision
  const { namespace, service, kind } = body
  return {
    ...{ namespace, service, kind, body: toJson(body), tags: toJson(tags), inputs },
    ...{ watched_tag: watched?.tag ?? null, watched_digest: watched?.digest ?? null },
    revisit_at: revisitAt === undefined ? null : new Date(revisitAt),
  }
}

const inputsIn = (row: DecisionRecord): Omit<DecisionRow, 'decision'> => ({
  inputs: row.inputs,
  ...(row.watched_tag === null ? {} : { watched: { tag: row.watched_tag, digest: row.watched_digest } }),
  ...(row.revisit_at === null ? {} : { revisitAt: row.revisit_at.getTime() }),
})
