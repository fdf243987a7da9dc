import { instant } from '../../domain/text'
import { lookUp } from '../../operations/lookup'
import { liftQuarantine, quarantine } from '../../operations/quarantine'
import { actingAs, type ActorOptions } from '../acting'
import type { Command } from '../context'

/** What is in quarantine, as a table. */
export const list: Command<unknown> = async (context) => {
  const store = await context.parts.store()
  const found = await context.waitFor('the store', () => quarantine({ store }))
  context.print(found, () => {
    if (found.quarantined.length === 0) return ['nothing is quarantined']
    const rows = found.quarantined.map(({ namespace, service, tag, digest, since, upgradeId, reason }) => [
      `${namespace}/${service}`,
      tag,
      instant(since),
      digest,
      upgradeId,
      reason,
    ])
    return [
      context.table(['SERVICE', 'TAG', 'SINCE', 'DIGEST', 'UPGRADE', 'WHY'], rows),
      context.paint('dim', 'next: refit quarantine lift SERVICE DIGEST'),
    ]
  })
}

/** Lets a digest be offered again. */
export const lift: Command<ActorOptions> = async (context, [name = '', digest = ''], who) => {
  const store = await context.parts.store()
  const lifted = await context.waitFor('the store', async () =>
    liftQuarantine(
      { store },
      { key: await lookUp(store, name), digest, ...(await actingAs(context, who, 'operator')) },
    ),
  )
  context.print(lifted, () => [
    `${lifted.namespace}/${lifted.service}: ${lifted.digest} is offered again, by ${lifted.liftedBy}`,
    'next: refit scan',
  ])
}
