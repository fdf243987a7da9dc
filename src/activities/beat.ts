import { Context } from '@temporalio/activity'

const everyMs = 2_000

/**
 * Heartbeats what `details` says now, every two seconds for as long as `work` runs: a request that hangs must not look
 * like a dead worker, because a second attempt would then run beside the first.
 */
export async function withHeartbeat<T>(details: () => unknown, work: () => Promise<T>): Promise<T> {
  const context = Context.current()
  context.heartbeat(details())
  const timer = setInterval(() => context.heartbeat(details()), everyMs)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
