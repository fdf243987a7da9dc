import { acceptList } from '../../operations/accept'
import { lookUp } from '../../operations/lookup'
import { listWords } from '../../operations/doubted-list'
import { actingAs, type ActorOptions } from '../acting'
import type { Command } from '../context'
import { safe } from '../render'

/** Trusts a suspicious tag list once. */
export const run: Command<ActorOptions & { reason: string; list?: string }> = async (context, [name = ''], options) => {
  const { reason, list, ...who } = options
  const store = await context.parts.store()
  const accepted = await context.waitFor('the store', async () =>
    acceptList(
      { store },
      {
        ...{ key: await lookUp(store, name), reason, ...(list ? { list } : {}) },
        ...(await actingAs(context, who, 'operator')),
      },
    ),
  )
  context.print(accepted, () => [
    `the tag list of ${accepted.repository} is trusted as it is, by ${accepted.acceptedBy}`,
    `accepted: ${safe(listWords(accepted.list))}`,
    'next: refit scan',
  ])
}
