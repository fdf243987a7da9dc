import type { Knex } from 'knex'
import type { Store } from './contracts'
import { clean } from './text'

interface ScanRecord {
  id: string
  started_at: Date
  ended_at: Date
  complete: boolean
  summary: string
}

/** One row per scan. */
export function scansIn(db: Knex): Store['scans'] {
  return {
    async now() {
      const { rows } = await db.raw<{ rows: { now: Date }[] }>('select now()')
      return rows[0]?.now ?? new Date()
    },

    async save({ id, startedAt, endedAt, complete, summary }) {
      await db('scan')
        .insert({ id, started_at: startedAt, ended_at: endedAt, complete, summary: clean(summary) })
        .onConflict('id')
        .merge()
    },

    async last() {
      const row = await db<ScanRecord>('scan').orderBy('ended_at', 'desc').first()
      return (
        row && {
          id: row.id,
          startedAt: row.started_at,
          endedAt: row.ended_at,
          complete: row.complete,
          summary: row.summary,
        }
      )
    },
  }
}
