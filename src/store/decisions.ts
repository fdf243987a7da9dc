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
    save: (scanId, rows) =>
      db.transaction(async (trx) => {
        for (let start = 0; start < rows.length; start += rowsPerInsert)
          await trx('decision')
            .insert(
              rows
                .slice(start, start + rowsPerInsert)
                .map((row) => ({ ...recordOf(row), scan_id: scanId, at: trx.fn.now() })),
            )
            .onConflict(['namespace', 'service'])
            .merge()
      }),

    async confirm(scanId, keys) {
      await db('decision').whereIn(['namespace', 'service'], pairs(keys)).update({ scan_id: scanId, at: db.fn.now() })
    },

    async standing(keys) {
      const rows = (await db<DecisionRecord>('decision')
        .select('namespace', 'service', 'inputs', 'watched_tag', 'watched_digest', 'revisit_at')
        .whereIn(['namespace', 'service'], pairs(keys))) as DecisionRecord[]
      return new Map(rows.map((row) => [`${row.namespace}/${row.service}`, standingOf(row)]))
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

const pairs = (keys: ServiceKey[]): string[][] => keys.map(({ namespace, service }) => [namespace, service])

function recordOf({ decision, inputs, watched, revisitAt }: DecisionRow) {
  const { tags, ...body } = decision
  const { namespace, service, kind } = body
  return {
    ...{ namespace, service, kind, body: toJson(body), tags: toJson(tags), inputs },
    ...{ watched_tag: watched?.tag ?? null, watched_digest: watched?.digest ?? null },
    revisit_at: revisitAt === undefined ? null : new Date(revisitAt),
  }
}

const standingOf = (row: DecisionRecord): Omit<DecisionRow, 'decision'> => ({
  inputs: row.inputs,
  ...(row.watched_tag === null ? {} : { watched: { tag: row.watched_tag, digest: row.watched_digest } }),
  ...(row.revisit_at === null ? {} : { revisitAt: row.revisit_at.getTime() }),
})
