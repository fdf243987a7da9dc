import type { Command } from '../context'
import type { VoterOptions } from '../voting'
import { castAndPrint } from './print-vote'

/** Lets a paused upgrade go on. */
export const run: Command<VoterOptions & { reason?: string }> = (context, [name = ''], { reason, ...voter }) =>
  castAndPrint(context, 'resume', { name, voter, reason })
