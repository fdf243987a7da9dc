import type { Knex } from 'knex'
import type { Store } from './contracts'

/** How long each repository's last trusted tag list was. */
export function repositoriesIn(db: Knex): Store['repositories'] {
  return {
    async lastTagCount(repository) {
      const row = await db<{ repository: string; tag_count: number }>('repository').where({ repository }).first()
      return row?.tag_count
    },

    async trust(repository, tagCount) {
      await db('repository')
        .insert({ repository, tag_count: tagCount, trusted_at: db.fn.now() })
        .onConflict('repository')
        .merge()
    },
  }
}
