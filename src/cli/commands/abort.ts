import { lookUp } from '../../operations/lookup'
import { abort } from '../../operations/vote'
import { actor, type Command } from '../context'
import { printVote } from './print-vote'

export const run: Command<{ reason: string; by?: string }> = async (context, [name = ''], { reason, by }) => {
  const { parts } = context
  const [store, temporal] = await context.waitFor('the store and Temporal', () =>
    Promise.all([parts.store(), parts.temporal()]),
  )
  const key = await lookUp(store, name)
  const result = await context.waitFor('the upgrade to answer', () =>
    abort({ store, temporal }, { key, by: actor(context, by), reason }),
  )
  printVote(context, temporal, result)
}
