import type { Knex } from 'knex'
import type { Store, TokenRow } from './contracts'
import { clean } from './text'

const columns = {
  id: 'id',
  name: 'name',
  scope: 'scope',
  createdAt: 'created_at',
  createdBy: 'created_by',
  expiresAt: 'expires_at',
  lastUsedAt: 'last_used_at',
  revokedAt: 'revoked_at',
}

/** API tokens by the hash of their secret. */
export function tokensIn(db: Knex): Store['tokens'] {
  return {
    async create({ id, name, scope, createdBy, expiresAt, hash, verified = false }) {
      await db('token')
        .insert({
          id,
          name: clean(name),
          scope,
          created_by: clean(createdBy),
          created_verified: verified,
          expires_at: expiresAt,
          hash,
        })
        .onConflict('id')
        .ignore()
    },

    async find(hash) {
      const [row] = await db('token')
        .select<TokenRow[]>(columns)
        .where({ hash, revoked_at: null })
        .whereRaw('(expires_at is null or expires_at > now())')
      if (row)
        await db('token')
          .where({ id: row.id })
          .whereRaw("(last_used_at is null or last_used_at < now() - interval '1 minute')")
          .update({ last_used_at: db.fn.now() })
      return row
    },

    list: () => db('token').select<TokenRow[]>(columns).orderBy('created_at', 'desc'),

    async revoke(id, by, verified = false) {
      const revoked = await db('token')
        .where({ id, revoked_at: null })
        .update({ revoked_at: db.fn.now(), revoked_by: clean(by), revoked_verified: verified })
      return revoked > 0
    },
  }
}
