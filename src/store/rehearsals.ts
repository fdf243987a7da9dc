import type { Knex } from 'knex'
import type { PlannedRehearsal } from '../domain/migrations/planned-rehearsal'
import type { Store } from './contracts'
import { toJson } from './text'

/** What rehearsals said, by what they depend on. */
export function rehearsalsIn(db: Knex): Store['rehearsals'] {
  return {
    async read(key) {
      return (await db<{ key: string; body: PlannedRehearsal }>('rehearsal').where({ key }).first())?.body
    },

    async save(key, rehearsal) {
      await db('rehearsal')
        .insert({ key, body: toJson(rehearsal) })
        .onConflict('key')
        .ignore()
    },
  }
}
