import { RefitError } from '../../domain/errors'
import type { Command } from '../context'
import type { VoterOptions } from '../voting'
import { castAndPrint } from './print-vote'

interface Options extends VoterOptions {
  /** milliseconds */
  for?: number
  until?: Date
  reason?: string
  plan?: string
}

/** Keeps the question quiet for a while; whoever wants to answer it still may. */
export const run: Command<Options> = (context, [name = ''], options) => {
  const { for: forMs, until, reason, plan, ...voter } = options
  const now = context.io.now()
  if ((forMs === undefined) === (until === undefined))
    throw new RefitError('USAGE', 'A snooze has one end.', 'Say --for 4h, or --until 2026-12-01T08:00Z.')
  const end = until ?? new Date(now.getTime() + (forMs ?? 0))
  if (end <= now) throw new RefitError('USAGE', 'That instant has passed.', 'Name one to come.')
  return castAndPrint(context, 'snooze', { name, voter, planHash: plan, reason, until: end })
}
