import { createHash } from 'node:crypto'
import type { Knex } from 'knex'
import { RefitError } from '../domain/errors'
import { canonicalPlan, type Plan } from '../domain/plan'
import type { Store } from './contracts'
import { toJson } from './text'

const digits = 12

const sha256Of = (plan: Plan): string => createHash('sha256').update(canonicalPlan(plan)).digest('hex')

/** The plan hash: 12 hex digits of the SHA-256 of the canonical plan. */
export const hashPlan = (plan: Plan): string => sha256Of(plan).slice(0, digits)

/** Plans, insert-only under their hash. */
export function plansIn(db: Knex): Store['plans'] {
  return {
    async save(plan) {
      const sha256 = sha256Of(plan)
      const hash = sha256.slice(0, digits)
      const { namespace, name: service } = plan.service
      await db('plan')
        .insert({ hash, sha256, namespace, service, body: toJson(plan) })
        .onConflict('hash')
        .ignore()
      const kept = await db<{ hash: string; sha256: string }>('plan').where({ hash }).first('sha256')
      if (kept?.sha256 !== sha256)
        throw new RefitError(
          'PLAN_CHANGED',
          `Another plan has the hash ${hash}.`,
          'Change the policy in any way and scan again.',
        )
      return hash
    },

    async read(hash) {
      const row = await db<{ hash: string; sha256: string; body: Plan }>('plan')
        .where({ hash: hash.slice(0, digits) })
        .first('sha256', 'body')
      if (!row || !row.sha256.startsWith(hash))
        throw new RefitError('PLAN_UNKNOWN', `There is no plan ${hash}.`, 'refit status shows the plans that wait.')
      if (sha256Of(row.body) !== row.sha256)
        throw new RefitError(
          'PLAN_CHANGED',
          `The stored plan ${hash} was changed after it was made.`,
          'Run refit scan for a new plan.',
        )
      return row.body
    },
  }
}
