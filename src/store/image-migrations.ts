import type { Knex } from 'knex'
import type { ImageRead } from '../domain/migrations/status'
import type { Store } from './contracts'
import { toJson } from './text'

/** A service has a few images under way; older ones are read again when somebody asks. */
const kept = 5_000

/** What was read of images' migrations, once per repository, digest and folder. */
export function imageMigrationsIn(db: Knex): Store['imageMigrations'] {
  return {
    async read({ repository, digest, path = '' }) {
      const row = await db<{ repository: string; digest: string; folder: string; found: ImageRead }>('image_migrations')
        .where({ repository, digest, folder: path })
        .first()
      return row?.found
    },

    async save({ repository, digest, path = '' }, found) {
      await db('image_migrations')
        .insert({ repository, digest, folder: path, found: toJson(found) })
        .onConflict(['repository', 'digest', 'folder'])
        .ignore()
      await db('image_migrations')
        .where('at', '<', db('image_migrations').orderBy('at', 'desc').offset(kept).limit(1).select('at'))
        .delete()
    },
  }
}
