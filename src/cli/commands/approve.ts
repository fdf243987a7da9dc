import { RefitError } from '../../domain/errors'
import type { Command } from '../context'
import { confirmAndCast, type PlanOptions } from './confirm-plan'

interface Options extends PlanOptions {
  comment?: string
  reason?: string
  change?: string
  now?: boolean
  overrideFreeze?: boolean
  withdraw?: boolean
}

/** Says yes to one plan; with --now or --override-freeze it need not wait for its window. */
export const run: Command<Options> = async (context, [name = ''], options) => {
  const { comment, reason = comment, change, now, overrideFreeze, withdraw, ...rest } = options
  if (withdraw)
    throw new RefitError('USAGE', 'Taking an approval back is a command of its own.', `refit withdraw ${name}`)
  return confirmAndCast(context, 'approve', {
    ...{ name, options: rest },
    ...{ reason, changeReference: change, now, overrideFreeze },
  })
}
