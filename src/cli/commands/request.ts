import type { Command } from '../context'
import { confirmAndCast, type PlanOptions } from './confirm-plan'

interface Options extends PlanOptions {
  reason?: string
  change?: string
}

/** Asks for an upgrade by name, so that somebody else may approve it (makerChecker). */
export const run: Command<Options> = (context, [name = ''], { reason, change, ...options }) =>
  confirmAndCast(context, 'request', { name, options, reason, changeReference: change })
