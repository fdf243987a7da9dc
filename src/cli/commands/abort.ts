import type { Command } from '../context'
import type { VoterOptions } from '../voting'
import { castAndPrint } from './print-vote'

/** Stops an upgrade in any phase. */
export const run: Command<VoterOptions & { reason: string }> = (context, [name = ''], { reason, ...voter }) =>
  castAndPrint(context, 'abort', { name, voter, reason })
