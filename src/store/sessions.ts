import type { Knex } from 'knex'
import type { OpenSession, SessionRow, Store } from './contracts'
import { clean, toJson } from './text'

/** How long a login that is over stays to be looked at. */
const keptDays = 30

/** Logins of people who use the page, by the hash of what their cookie holds. */
export function sessionsIn(db: Knex): Store['sessions'] {
  return {
    async open({ hash, name, via, tokenId, groups, lifetimeMs }) {
      await db('session').whereRaw(`expires_at < now() - interval '${keptDays} days'`).delete()
      await db('session')
        .insert({
          ...{ hash, name: clean(name), via, token_id: tokenId, groups: toJson(groups) },
          expires_at: db.raw(`now() + ? * interval '1 millisecond'`, [lifetimeMs]),
        })
        .onConflict('hash')
        .ignore()
    },

    async find(hash, idleMs) {
      const [row] = await live(db, idleMs)
        .where({ 's.hash': hash })
        .select<(SessionRow & { isDue: boolean })[]>(
          's.name',
          's.via',
          's.groups',
          't.scope',
          's.token_id as tokenId',
          's.started_at as startedAt',
          db.raw('least(s.expires_at, t.expires_at) as "expiresAt"'),
          db.raw(`s.last_used_at < now() - interval '1 minute' as "isDue"`),
        )
      if (!row) return undefined
      const { isDue, ...session } = row
      if (isDue) await noteUse(db, hash, session.tokenId)
      return session
    },

    list: (idleMs) =>
      live(db, idleMs)
        .select<OpenSession[]>(
          's.name',
          's.via',
          's.started_at as startedAt',
          's.last_used_at as lastUsedAt',
          's.expires_at as expiresAt',
        )
        .orderBy('s.started_at', 'desc'),

    endOf: (name, by) =>
      db('session')
        .where({ name, ended_at: null })
        .update({ ended_at: db.fn.now(), ended_by: clean(by) }),

    async end(hash) {
      const ended = await db('session').where({ hash, ended_at: null }).update({ ended_at: db.fn.now() })
      return ended > 0
    },
  }
}

/** Those that are neither over nor unused for too long, and whose token is live. */
const live = (db: Knex, idleMs: number) =>
  db('session as s')
    .leftJoin('token as t', 't.id', 's.token_id')
    .where({ 's.ended_at': null, 't.revoked_at': null })
    .whereRaw('s.expires_at > now() and (t.expires_at is null or t.expires_at > now())')
    .whereRaw(`s.last_used_at > now() - ? * interval '1 millisecond'`, [idleMs])

/** Whose token is used by way of the page uses it all the same. */
async function noteUse(db: Knex, hash: string, tokenId: string | null): Promise<void> {
  await db('session').where({ hash }).update({ last_used_at: db.fn.now() })
  if (tokenId !== null) await db('token').where({ id: tokenId }).update({ last_used_at: db.fn.now() })
}
