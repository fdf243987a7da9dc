import type { Command } from '../context'
import type { VoterOptions } from '../voting'
import { castAndPrint } from './print-vote'

/** Takes one's own approval or request back. */
export const run: Command<VoterOptions & { reason?: string; plan?: string }> = (
  context,
  [name = ''],
  { reason, plan, ...voter },
) => castAndPrint(context, 'withdraw', { name, voter, planHash: plan, reason })
