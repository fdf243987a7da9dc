import type { Command } from '../context'
import type { VoterOptions } from '../voting'
import { castAndPrint } from './print-vote'

/** Stops an upgrade at its next safe point, until it is resumed. */
export const run: Command<VoterOptions & { reason: string }> = (context, [name = ''], { reason, ...voter }) =>
  castAndPrint(context, 'pause', { name, voter, reason })
