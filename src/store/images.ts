import type { Knex } from 'knex'
import type { ImageFacts } from '../domain/image-facts'
import type { Store } from './contracts'
import { toJson } from './text'

/** What images say of themselves, read once per digest. */
export function imagesIn(db: Knex): Store['images'] {
  return {
    async read(digest) {
      return (await db<{ digest: string; facts: ImageFacts }>('image').where({ digest }).first())?.facts
    },

    async save(facts) {
      await db('image')
        .insert({ digest: facts.digest, facts: toJson(facts) })
        .onConflict('digest')
        .ignore()
    },
  }
}
