import type { Command } from '../context'
import type { VoterOptions } from '../voting'
import { castAndPrint } from './print-vote'

/** Without --plan the waiting plan is meant. */
export const run: Command<VoterOptions & { reason: string; plan?: string }> = (
  context,
  [name = ''],
  { reason, plan, ...voter },
) => castAndPrint(context, 'reject', { name, voter, planHash: plan, reason })
