import type { Knex } from 'knex'
import type { ScanBatch, Store } from './contracts'
import { toJson } from './text'

/** What running scans observed, a row per batch. */
export function batchesIn(db: Knex): Store['batches'] {
  return {
    async save(scanId, batches) {
      await Promise.all(
        batches.map(({ position, host, services }) =>
          db('scan_batch')
            .insert({ scan_id: scanId, position, host, services: toJson(services), at: db.fn.now() })
            .onConflict(['scan_id', 'position'])
            .merge(),
        ),
      )
    },

    read: (scanId, position) =>
      db<ScanBatch & { scan_id: string }>('scan_batch')
        .select('position', 'host', 'services')
        .where({ scan_id: scanId, position })
        .first(),

    async remove(scanId) {
      await db('scan_batch').where({ scan_id: scanId }).orWhereRaw(`at < now() - interval '7 days'`).delete()
    },
  }
}
