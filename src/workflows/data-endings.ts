import type { Outcome } from '../domain/status'
import { causeOf } from './cause'
import { Ended, StepFailed, type Stop, type Who } from './endings'

interface DataEnding {
  outcome: Outcome
  message: string
  who?: Who
}

/** What an error means for a data workflow: nothing is ever put back, so that it is held, or a person has stopped it. */
export function dataEndingOf(error: unknown, stop: Stop | undefined): DataEnding {
  if (error instanceof Ended) return { outcome: error.outcome, message: error.message, who: error.who }
  if (error instanceof StepFailed || !stop) return { outcome: 'held', message: causeOf(error) }
  const { by, verified, reason } = stop
  const message = by ? `stopped by ${by}${reason ? `: ${reason}` : ''}` : 'stopped by a cancel request'
  return { outcome: 'aborted', message, who: { by, verified } }
}
