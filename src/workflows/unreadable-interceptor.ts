import type { WorkflowInterceptors } from '@temporalio/workflow'
import { undecrypted } from './payload-converter'

/**
 * What a workflow begins with must be decrypted: where the key to it is missing, its task fails, and is tried again until a
 * worker has the key. (A message that can't be read is refused by its handler instead.)
 */
export function interceptors(): WorkflowInterceptors {
  return {
    inbound: [
      {
        execute(input, next) {
          if (input.args.some((arg) => arg === undecrypted))
            throw new Error(
              "What this workflow was started with can't be read: is a key of REFIT_ENCRYPTION_KEYS missing?",
            )
          return next(input)
        },
      },
    ],
  }
}
