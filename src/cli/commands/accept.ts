import { acceptList } from '../../operations/accept'
import { lookUp } from '../../operations/lookup'
import { listWords } from '../../operations/doubted-list'
import { actor, type Command } from '../context'
import { safe } from '../render'

/** Trusts a suspicious tag list once. */
export const run: Command<{ reason: string; by?: string; list?: string }> = async (context, [name = ''], options) => {
  const { reason, by, list } = options
  const store = await context.parts.store()
  const accepted = await context.waitFor('the store', async () =>
    acceptList(
      { store },
      { key: await lookUp(store, name), reason, by: actor(context, by), ...(list ? { list } : {}) },
    ),
  )
  context.print(accepted, () => [
    `the tag list of ${accepted.repository} is trusted as it is, by ${accepted.acceptedBy}`,
    `accepted: ${safe(listWords(accepted.list))}`,
    'next: refit scan',
  ])
}
