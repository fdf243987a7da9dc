import type { Knex } from 'knex'
import type { HealthSample, ViewStore } from './view-contracts'

/** As many as a plot can show. */
const most = 2_000

/** What was seen of workloads over time. */
export function healthSamplesIn(db: Knex): ViewStore['healthSamples'] {
  return {
    async add(upgradeId, samples) {
      if (samples.length === 0) return
      await db('health_sample')
        .insert(samples.map((each) => ({ upgrade_id: upgradeId, ...each })))
        .onConflict(['upgrade_id', 'workload', 'at'])
        .ignore()
    },

    async forget(before) {
      await db('health_sample').where('at', '<', before).delete()
    },

    async list(upgradeId) {
      const newest = await db<HealthSample & { upgrade_id: string }>('health_sample')
        .select('at', 'workload', 'desired', 'ready', 'updated', 'available', 'restarts', 'healthy')
        .where({ upgrade_id: upgradeId })
        .orderBy([
          { column: 'at', order: 'desc' },
          { column: 'workload', order: 'desc' },
        ])
        .limit(most)
      return newest.reverse()
    },
  }
}
