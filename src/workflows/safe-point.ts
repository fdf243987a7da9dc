import { ActivityFailure, CancellationScope, condition, isCancellation } from '@temporalio/workflow'
import type { Votes } from '../domain/votes'
import type { Mailbox } from './mailbox'
import type { Stop } from './endings'

interface Stopped {
  readonly votes: Votes
  readonly mailbox: Mailbox
  readonly stop: Stop | undefined
}

/**
 * Runs an activity that knows safe points of its own: a pause stops it at the next one. Undefined when it was stopped
 * before it said anything. Meanwhile `record` writes down what people say.
 */
export async function untilSafePoint<T>(
  desk: Stopped,
  call: () => Promise<T>,
  record: () => Promise<void>,
): Promise<T | undefined> {
  const step = new CancellationScope()
  const watch = new CancellationScope()
  const watching = watch.run(async () => {
    for (;;) {
      await condition(() => desk.votes.paused !== undefined || desk.mailbox.hasNotes)
      await CancellationScope.nonCancellable(record)
      if (desk.votes.paused) return step.cancel()
    }
  })
  const watched = watching.catch(() => undefined)
  try {
    return await step.run(call)
  } catch (error) {
    // Also where it was resumed before the step had stopped, and where the step ended with an error of its own meanwhile.
    const hasStopped = isCancellation(error) || error instanceof ActivityFailure
    if (step.consideredCancelled && hasStopped && !desk.stop) return undefined
    throw error
  } finally {
    watch.cancel()
    await watched
  }
}
