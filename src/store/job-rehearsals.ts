import type { Knex } from 'knex'
import type { JobRehearsal } from '../domain/migrations/job-rehearsal'
import type { Store } from './contracts'
import { toJson } from './text'

/** What rehearsals of images' own migrations said, by the hash of their conditions. */
export function jobRehearsalsIn(db: Knex): Store['jobRehearsals'] {
  return {
    async read(key) {
      return (await db<{ key: string; rehearsal: JobRehearsal }>('job_rehearsal').where({ key }).first())?.rehearsal
    },

    async save(key, rehearsal) {
      await db('job_rehearsal')
        .insert({ key, rehearsal: toJson(rehearsal) })
        .onConflict('key')
        .ignore()
    },
  }
}
