import { Context } from '@temporalio/activity'

const everyMs = 2_000
const said = new WeakMap<Context, unknown>()

/**
 * Heartbeats what `details` says now, every two seconds for as long as `work` runs: a request that hangs must not look
 * like a dead worker, because a second attempt would then run beside the first.
 */
export async function withHeartbeat<T>(details: () => unknown, work: () => Promise<T>): Promise<T> {
  const context = Context.current()
  const beat = (): void => {
    const now = details()
    said.set(context, now)
    tell(context, now)
  }
  beat()
  return every(beat, work)
}

/**
 * Heartbeats for an activity that says nothing of its progress, so that a killed worker's short step is tried again by
 * the heartbeat timeout and not only when its whole time is over. One that ends within two seconds costs no request.
 */
export function whileAlive<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current()
  const last = (): unknown => (said.has(context) ? said.get(context) : context.info.heartbeatDetails)
  return every(() => tell(context, last()), work)
}

/** One in the worker of its workflow has no heartbeat, and Core warns of each. */
function tell(context: Context, details: unknown): void {
  if (!context.info.isLocal) context.heartbeat(details)
}

async function every<T>(beat: () => void, work: () => Promise<T>): Promise<T> {
  const timer = setInterval(beat, everyMs)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
