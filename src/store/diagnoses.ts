import type { Knex } from 'knex'
import type { Diagnosis } from '../domain/diagnosis'
import type { Store } from './contracts'
import { toJson } from './text'

/** What was seen of failures before they were undone. */
export function diagnosesIn(db: Knex): Store['diagnoses'] {
  return {
    async saveOnce(upgradeId, step, diagnosis) {
      await db('diagnosis')
        .insert({ upgrade_id: upgradeId, step, body: toJson(diagnosis) })
        .onConflict(['upgrade_id', 'step'])
        .ignore()
    },

    async list(upgradeId) {
      const rows = await db<{ upgrade_id: string; step: string; body: Diagnosis; at: Date }>('diagnosis')
        .where({ upgrade_id: upgradeId })
        .orderBy(['at', 'step'])
        .select('body')
      return rows.map(({ body }) => body)
    },
  }
}
