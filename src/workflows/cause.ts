import { ActivityFailure } from '@temporalio/workflow'

/** What went wrong, in words: of an activity's failure its cause, which the SDK wraps. */
export function causeOf(error: unknown): string {
  if (error instanceof ActivityFailure && error.cause) return error.cause.message
  return error instanceof Error ? error.message : String(error)
}
