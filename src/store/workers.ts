import type { Knex } from 'knex'
import type { Store } from './contracts'

/** When workers started, and with which refit.yaml. */
export function workersIn(db: Knex): Store['workers'] {
  return {
    async started(configHash) {
      await db('worker_start').insert({ config_hash: configHash })
    },

    async last() {
      const row = await db<{ id: string; config_hash: string; at: Date }>('worker_start').orderBy('id', 'desc').first()
      return row && { configHash: row.config_hash, at: row.at }
    },
  }
}
