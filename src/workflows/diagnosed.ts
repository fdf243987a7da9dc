import { log, patched } from '@temporalio/workflow'
import { causeOf } from './cause'
import type { Desk } from './desk'
import { StepFailed } from './endings'
import { diagnosing } from './proxies'
import { keyOf } from './upgrade-key'

/**
 * Has what a failed step was about looked at, while it is still there. Begins at once and runs beside the undo, which must
 * not wait for it; an upgrade ends as it ends whether or not it comes to something.
 */
export async function diagnosed({ plan, status }: Desk, error: unknown): Promise<void> {
  if (!plan || !(error instanceof StepFailed) || !patched('diagnosis')) return
  const { verdict } = error
  try {
    await diagnosing.diagnose.executeWithOptions({ summary: `why: ${verdict.reason}` }, [
      { ...keyOf(plan), phase: status.phase, verdict },
    ])
  } catch (failure) {
    log.warn('no diagnosis', { cause: causeOf(failure) })
  }
}
