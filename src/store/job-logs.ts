import type { Knex } from 'knex'
import type { Store } from './contracts'
import { clean } from './text'

const maxCharacters = 65_536

/** The last lines of migration Jobs. */
export function jobLogsIn(db: Knex): Store['jobLogs'] {
  return {
    async save(upgradeId, step, log) {
      const end = clean(log.slice(-maxCharacters))
      await db('job_log')
        .insert({ upgrade_id: upgradeId, step, log: end, at: db.fn.now() })
        .onConflict(['upgrade_id', 'step'])
        .merge()
    },

    async list(upgradeId) {
      return db<{ upgrade_id: string; step: string; log: string; at: Date }>('job_log')
        .where({ upgrade_id: upgradeId })
        .orderBy(['at', 'step'])
        .select('step', 'log', 'at')
    },
  }
}
