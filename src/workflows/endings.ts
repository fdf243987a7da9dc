import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow'
import type { StepVerdict } from '../activities/contracts'
import type { Outcome } from '../domain/status'

/** The story ends here, before anything was written: nothing to undo. */
export class Ended extends Error {
  constructor(
    readonly outcome: Outcome,
    message: string,
    readonly by?: string,
  ) {
    super(message)
  }
}

/** A step said no. Caught in the same workflow, so that it never fails a workflow task. */
export class StepFailed extends Error {
  constructor(readonly verdict: StepVerdict) {
    super(verdict.sentence)
  }
}

export interface Ending {
  outcome: Outcome
  /** `put-back`: undo what was done; `leave`: touch nothing, a person is paged (laws 7 and 8) */
  hub: 'put-back' | 'leave'
  /** the digest is to blame and isn't offered again */
  quarantine: boolean
  message: string
  by?: string
}

/** What an error means for the hub. Only a clear failure of the release blames its digest. */
export function endingOf(error: unknown, abort: { by: string; reason: string } | undefined): Ending {
  if (error instanceof Ended)
    return { outcome: error.outcome, hub: 'leave', quarantine: false, message: error.message, by: error.by }
  if (isCancellation(error)) {
    const message = abort
      ? `aborted by ${abort.by}${abort.reason ? `: ${abort.reason}` : ''}`
      : 'aborted by a cancel request'
    return { outcome: 'aborted', hub: 'put-back', quarantine: false, message, by: abort?.by }
  }
  if (error instanceof StepFailed && error.verdict.kind === 'failed')
    return { outcome: 'rolled-back', hub: 'put-back', quarantine: true, message: error.message }
  return { outcome: 'held', hub: 'leave', quarantine: false, message: causeOf(error) }
}

function causeOf(error: unknown): string {
  if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure) return error.cause.message
  return error instanceof Error ? error.message : String(error)
}
