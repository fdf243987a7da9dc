import { acceptList } from '../../operations/accept'
import { lookUp } from '../../operations/lookup'
import { actor, type Command } from '../context'

/** Trusts a suspicious tag list once. */
export const run: Command<{ reason: string; by?: string }> = async (context, [name = ''], { reason, by }) => {
  const store = await context.parts.store()
  const accepted = await context.waitFor('the store', async () =>
    acceptList({ store }, { key: await lookUp(store, name), reason, by: actor(context, by) }),
  )
  context.print(accepted, () => [
    `the tag list of ${accepted.repository} is trusted as it is, by ${accepted.acceptedBy}`,
    'next: refit scan',
  ])
}
