import type { Knex } from 'knex'
import type { Decision } from '../domain/decision'
import type { Store } from './contracts'
import { toJson } from './text'

interface DecisionRecord {
  namespace: string
  service: string
  body: Decision
  at: Date
}

/** A statement's size stays bounded: a decision explains up to 1,000 tags. */
const rowsPerInsert = 50

/** What the last scan says of each service. */
export function decisionsIn(db: Knex): Store['decisions'] {
  const withTime = ({ body, at }: DecisionRecord): Decision & { at: Date } => ({ ...body, at })
  return {
    saveAll: (scanId, decisions) =>
      db.transaction(async (trx) => {
        for (let start = 0; start < decisions.length; start += rowsPerInsert)
          await trx('decision')
            .insert(
              decisions.slice(start, start + rowsPerInsert).map((decision) => ({
                namespace: decision.namespace,
                service: decision.service,
                scan_id: scanId,
                kind: decision.kind,
                body: toJson(decision),
                at: trx.fn.now(),
              })),
            )
            .onConflict(['namespace', 'service'])
            .merge()
        // What the scan didn't see is not there any more.
        await trx('decision').whereNot({ scan_id: scanId }).delete()
      }),

    async list() {
      return (await db<DecisionRecord>('decision').orderBy(['namespace', 'service'])).map(withTime)
    },

    async read({ namespace, service }) {
      const row = await db<DecisionRecord>('decision').where({ namespace, service }).first()
      return row && withTime(row)
    },
  }
}
