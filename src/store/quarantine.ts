import type { Knex } from 'knex'
import type { Store } from './contracts'
import { clean } from './text'

interface QuarantineRecord {
  namespace: string
  service: string
  digest: string
  tag: string
  reason: string
  upgrade_id: string
  since: Date
  lifted_at: Date | null
  lifted_by: string | null
  lifted_because: string | null
}

/** Digests that failed. */
export function quarantineIn(db: Knex): Store['quarantine'] {
  const rows = () => db<QuarantineRecord>('quarantine')
  return {
    async add({ namespace, service, digest, tag, reason, upgradeId }) {
      // Both the row of this upgrade (a second run, perhaps after a lift) and a live one of another upgrade make it a no-op.
      await rows()
        .insert({ namespace, service, digest, tag, reason: clean(reason), upgrade_id: upgradeId })
        .onConflict()
        .ignore()
    },

    async list() {
      const live = await rows().whereNull('lifted_at').orderBy(['namespace', 'service', 'since'])
      return live.map((row) => ({
        namespace: row.namespace,
        service: row.service,
        digest: row.digest,
        tag: row.tag,
        reason: row.reason,
        upgradeId: row.upgrade_id,
        since: row.since,
        liftedAt: row.lifted_at,
        liftedBy: row.lifted_by,
      }))
    },

    async lift({ namespace, service }, digest, by, { reason = '', verified = false } = {}) {
      const lifted = await rows()
        .where({ namespace, service, digest, lifted_at: null })
        .update({
          ...{ lifted_at: new Date(), lifted_by: clean(by), lifted_verified: verified },
          lifted_because: clean(reason),
        })
      return lifted > 0
    },
  }
}
