import type { Knex } from 'knex'
import { RefitError } from '../domain/errors'
import type { Plan } from '../domain/plan'
import type { UpgradeRow } from './contracts'
import { type UpgradeRecord, upgradeOf } from './upgrade-row'

/** The open upgrade of this plan, or a new attempt at it; refused while another plan's is open or one is held. */
export function openUpgrade(db: Knex, plan: Plan, planHash: string): Promise<UpgradeRow> {
  const { namespace, name: service } = plan.service
  return db.transaction(async (trx) => {
    // Two callers count the attempts one after the other.
    await trx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`upgrade/${namespace}/${service}`])
    const open = await trx<UpgradeRecord>('upgrade').where({ namespace, service, outcome: null }).first()
    if (open?.plan_hash === planHash) return upgradeOf(open)
    if (open)
      throw new RefitError(
        'APPROVAL_REFUSED',
        `${namespace}/${service} is being upgraded by plan ${open.plan_hash} (${open.to_tag}).`,
        'Wait for its end, or abort it.',
      )
    const held = await trx<UpgradeRecord>('upgrade')
      .where({ namespace, service, outcome: 'held', resolved_at: null })
      .first()
    if (held)
      throw new RefitError(
        'APPROVAL_REFUSED',
        `${namespace}/${service} is held by upgrade ${held.id}: ${held.message}`,
        `Repair it, then run refit resolve ${namespace}/${service}.`,
      )

    const attempts = await trx<UpgradeRecord>('upgrade')
      .where({ plan_hash: planHash })
      .count<[{ count: string }]>('* as count')
    const [row] = await trx<UpgradeRecord>('upgrade')
      .insert({
        id: `${planHash}-${Number(attempts[0]?.count ?? 0) + 1}`,
        plan_hash: planHash,
        namespace,
        service,
        from_tag: plan.from.tag,
        to_tag: plan.to.tag,
        to_digest: plan.to.digest,
        phase: 'plan',
      })
      .returning('*')
    return upgradeOf(row as UpgradeRecord)
  })
}
