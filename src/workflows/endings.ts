import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow'
import type { StepVerdict } from '../activities/contracts'
import { heldReasonOf } from '../domain/held'
import type { Outcome } from '../domain/status'
import { causeOf } from './cause'

/** The story ends here, before anything was written: nothing to undo. */
export class Ended extends Error {
  constructor(
    readonly outcome: Outcome,
    message: string,
    readonly who: Who = {},
  ) {
    super(message)
  }
}

/** Whose doing it was, and whether that is certain. */
export interface Who {
  by?: string
  verified?: boolean
}

/** What was done is undone, and nobody is to blame: the digest will be offered again. */
export class PutBack extends Error {}

/** A person has put back what an upgrade did before it lost its workflow, or was held. */
export class StoppedBy extends Error {
  constructor(readonly stop: Stop) {
    super(stopped(stop))
  }
}

/** A step said no. Caught in the same workflow, so that it never fails a workflow task. */
export class StepFailed extends Error {
  constructor(readonly verdict: StepVerdict) {
    super(verdict.sentence)
  }
}

/** Ends the story when a step said anything but yes. */
export function assertHealthy(verdict: StepVerdict): void {
  if (verdict.kind !== 'healthy') throw new StepFailed(verdict)
}

export interface Ending {
  outcome: Outcome
  /** `put-back`: undo what was done; `leave`: touch nothing, a person is paged (laws 7 and 8) */
  hub: 'put-back' | 'leave'
  /** the digest is to blame and isn't offered again */
  quarantine: boolean
  message: string
  who?: Who
  /** the digest is not to blame */
  offeredAgain?: boolean
  /** of an end as held: why, in a machine word */
  heldReason?: string
}

/** Who stopped the upgrade, if somebody did: by message, or by Cancel. */
export interface Stop extends Who {
  reason?: string
}

/**
 * What an error means for the hub. Only a clear failure of the release blames its digest. After a stop, also a step that
 * ended with an error of its own (its worker died before it heard of the stop) is put back.
 */
export function endingOf(error: unknown, stop: Stop | undefined): Ending {
  if (error instanceof Ended)
    return { outcome: error.outcome, hub: 'leave', quarantine: false, message: error.message, who: error.who }
  if (error instanceof PutBack)
    return { outcome: 'rolled-back', hub: 'put-back', quarantine: false, message: error.message, offeredAgain: true }
  if (error instanceof StoppedBy)
    return { outcome: 'aborted', hub: 'put-back', quarantine: false, message: error.message, who: whoOf(error.stop) }
  if (error instanceof StepFailed) {
    const failed = error.verdict.kind === 'failed'
    return failed
      ? { outcome: 'rolled-back', hub: 'put-back', quarantine: true, message: error.message }
      : { outcome: 'held', hub: 'leave', quarantine: false, message: error.message, heldReason: error.verdict.reason }
  }
  if (isCancellation(error) || (stop && error instanceof ActivityFailure))
    return { outcome: 'aborted', hub: 'put-back', quarantine: false, message: stopped(stop), who: stop && whoOf(stop) }
  const cause = error instanceof ActivityFailure ? error.cause : undefined
  const heldReason = heldReasonOf(cause instanceof ApplicationFailure ? cause.type : undefined)
  return { outcome: 'held', hub: 'leave', quarantine: false, message: causeOf(error), heldReason }
}

const whoOf = ({ by, verified }: Stop): Who => ({ by, verified })

function stopped(stop: Stop | undefined): string {
  if (!stop?.by) return 'aborted by a cancel request'
  return `aborted by ${stop.by}${stop.reason ? `: ${stop.reason}` : ''}`
}
