import { ActivityFailure, isCancellation } from '@temporalio/workflow'
import type { Outcome } from '../domain/status'
import { causeOf } from './cause'
import { Ended, type Who } from './endings'
import type { ReleaseDesk } from './release-desk'

/** A service did not get there: the line stops. */
export class LineStopped extends Error {
  constructor(
    message: string,
    /** nobody can tell how the service is: nothing is put back (law 7) */
    readonly isHeld: boolean,
  ) {
    super(message)
  }
}

export interface ReleaseEnding {
  outcome: Outcome
  /** `nothing` was begun; `put-back` in reverse order; `leave` it to a person */
  hub: 'nothing' | 'put-back' | 'leave'
  message: string
  who?: Who
}

/** What an error means for a release. A stop by a person always puts back; a failure as refit.yaml says. */
export function releaseEndingOf(error: unknown, { stop, plan, begun }: ReleaseDesk): ReleaseEnding {
  if (error instanceof Ended && !begun)
    return { outcome: error.outcome, hub: 'nothing', message: error.message, who: error.who }
  if (isCancellation(error) || (stop && error instanceof ActivityFailure))
    return {
      outcome: 'aborted',
      hub: begun ? 'put-back' : 'nothing',
      message: stopped(stop),
      who: stop && { by: stop.by, verified: stop.verified },
    }
  const isFailure = error instanceof Ended || (error instanceof LineStopped && !error.isHeld)
  if (isFailure && plan?.onFailure === 'rollback')
    return { outcome: 'rolled-back', hub: 'put-back', message: error.message }
  return { outcome: 'held', hub: begun ? 'leave' : 'nothing', message: causeOf(error) }
}

function stopped(stop: ReleaseDesk['stop']): string {
  if (!stop?.by) return 'aborted by a cancel request'
  return `aborted by ${stop.by}${stop.reason ? `: ${stop.reason}` : ''}`
}
