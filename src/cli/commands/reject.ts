import { reject } from '../../operations/vote'
import type { Command } from '../context'
import { castVote } from './print-vote'

/** Without --plan the waiting plan is meant. */
export const run: Command<{ reason: string; plan?: string; by?: string }> = (
  context,
  [name = ''],
  { reason, plan, by },
) => castVote(context, reject, { name, by, planHash: plan, reason })
