import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity'
import { RefitError, sentenceOf } from '../domain/errors'
import { whileAlive } from './beat'

/**
 * The one place where Refit's errors become Temporal's: `type` is the code, what can't change by trying again is not
 * tried again, `retryAfterMs` of a busy server becomes the next delay.
 */
function toFailure(error: unknown): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error
  if (!(error instanceof RefitError)) return error instanceof Error ? error : new Error(String(error))
  return ApplicationFailure.create({
    message: sentenceOf(error),
    type: error.code,
    nonRetryable: !error.retryable && !mayBeTooEarly(error),
    ...(error.retryAfterMs ? { nextRetryDelay: error.retryAfterMs } : {}),
  })
}

/** With the waits of workflows/proxies.ts some ten seconds. */
const triesOfRights = 6

/** An API server that has just started refuses by roles that it has not read yet: a missing right is believed after some tries. */
const mayBeTooEarly = ({ code }: RefitError): boolean =>
  code === 'KUBERNETES_FORBIDDEN' && Context.current().info.attempt < triesOfRights

type Activity = (...args: never[]) => Promise<unknown>

/** What every activity of an object gets: heartbeats while it runs, and `toFailure` when it fails. */
export function asActivities<T extends Record<string, Activity>>(activities: T): T {
  const wrapped: Record<string, Activity> = {}
  for (const [name, activity] of Object.entries(activities)) {
    wrapped[name] = async (...args) => {
      try {
        return await whileAlive(() => activity(...args))
      } catch (error) {
        throw toFailure(error)
      }
    }
  }
  return wrapped as T
}

/** Waits between two looks; throws CancelledFailure when the activity is cancelled or its worker shuts down. */
export const pause = (ms: number): Promise<void> => Context.current().sleep(ms)
