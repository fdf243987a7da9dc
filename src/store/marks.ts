import type { Knex } from 'knex'
import type { SecurityMark, Store } from './contracts'
import { clean } from './text'

const live = { lifted_at: null }

/** Versions that a person marked as mending a vulnerability. */
export function marksIn(db: Knex): Store['marks'] {
  return {
    list: () =>
      db<SecurityMark & { lifted_at: null }>('security_mark')
        .select('namespace', 'service', 'version', 'digest', 'reason', 'by', 'at')
        .where(live)
        .orderBy(['namespace', 'service', 'version']),

    async mark({ namespace, service, version, reason, by, verified = false }) {
      const inserted: unknown[] = await db('security_mark')
        .insert({ namespace, service, version, reason: clean(reason), by: clean(by), verified })
        .onConflict(db.raw('(namespace, service, version) where lifted_at is null'))
        .ignore()
        .returning('version')
      return inserted.length > 0
    },

    async bind({ namespace, service }, version, digest) {
      const rows: { digest: string }[] = await db('security_mark')
        .where({ namespace, service, version, ...live })
        .update({ digest: db.raw('coalesce(digest, ?)', [digest]) })
        .returning('digest')
      return rows[0]?.digest
    },

    async lift({ namespace, service }, version, by, verified = false) {
      const lifted = await db('security_mark')
        .where({ namespace, service, version, ...live })
        .update({ lifted_at: db.fn.now(), lifted_by: clean(by), lifted_verified: verified })
      return lifted > 0
    },
  }
}
