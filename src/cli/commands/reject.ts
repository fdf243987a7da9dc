import { lookUp } from '../../operations/lookup'
import { reject } from '../../operations/vote'
import { actor, type Command } from '../context'
import { printVote } from './print-vote'

/** Without --plan the waiting plan is meant. */
export const run: Command<{ reason: string; plan?: string; by?: string }> = async (
  context,
  [name = ''],
  { reason, plan, by },
) => {
  const { parts } = context
  const [store, temporal] = await context.waitFor('the store and Temporal', () =>
    Promise.all([parts.store(), parts.temporal()]),
  )
  const key = await lookUp(store, name)
  const result = await context.waitFor('the upgrade to answer', () =>
    reject({ store, temporal }, { key, by: actor(context, by), planHash: plan, reason }),
  )
  printVote(context, temporal, result)
}
