import { abort } from '../../operations/vote'
import type { Command } from '../context'
import { castVote } from './print-vote'

/** Stops an upgrade in any phase. */
export const run: Command<{ reason: string; by?: string }> = (context, [name = ''], { reason, by }) =>
  castVote(context, abort, { name, by, reason })
