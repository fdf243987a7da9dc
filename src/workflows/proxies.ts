/**
 * Every timeout and retry of every activity, in one place, with its reason. Errors that stay are marked as such where
 * they arise (activities/failures.ts), so no list of them is kept here.
 */
import { ActivityCancellationType, isCancellation, proxyActivities, proxyLocalActivities } from '@temporalio/workflow'
import type { Activities } from '../activities'

/** An abort waits until the step has really stopped: a patch that lands after its rollback would undo the undo. */
const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
const retry = {
  initialInterval: '500ms',
  backoffCoefficient: 2,
  maximumInterval: '30s',
}

/** Short reads and writes: a lost worker is noticed by its silence, a server that is away is waited for. */
export const quick = proxyActivities<Activities>({
  startToCloseTimeout: '60s',
  heartbeatTimeout: '15s',
  cancellationType,
  retry,
})

/** One try of a short read or write of the store, in the worker that runs the workflow already. */
export const inPlace = proxyLocalActivities<Activities>({
  startToCloseTimeout: '5s',
  cancellationType,
  retry: { maximumAttempts: 1 },
})

/**
 * A short step that is one event of the history instead of six. What doesn't succeed in place at once is done as every
 * activity, which waits for a store that is away without growing the history.
 */
export async function briefly<T>(there: () => Promise<T>, otherwise: () => Promise<T>): Promise<T> {
  try {
    return await there()
  } catch (error) {
    if (isCancellation(error)) throw error
    return otherwise()
  }
}

/**
 * A plan and its check: an image's layers, which may be hundreds of megabytes, are read once; migrations that were not
 * rehearsed yet are, which takes seconds a file, and rows of production are counted, half a minute a rule at most.
 * Heartbeats tell it lives.
 */
export const planning = proxyActivities<Activities>({
  startToCloseTimeout: '30m',
  heartbeatTimeout: '15s',
  cancellationType,
  retry,
})

/**
 * Steps of a scan: each reads the cluster or a batch of repositories once, and heartbeats meanwhile. The heartbeat timeout
 * decides how soon a killed worker's scan goes on; the largest tag list keeps a worker busy for a few seconds.
 */
export const scanning = proxyActivities<Activities>({
  startToCloseTimeout: '30m',
  heartbeatTimeout: '20s',
  // A database or an API server that restarts is waited for; the Schedule starts no scan beside this one.
  scheduleToCloseTimeout: '1h',
  retry,
})

/** A look at what failed: worth seconds, and never worth a second try, because the undo has taken the pods away by then. */
export const diagnosing = proxyActivities<Activities>({
  scheduleToCloseTimeout: '10s',
  retry: { maximumAttempts: 1 },
})

/**
 * Watches: each ends by its own deadline (policy), so the timeout is only a net. The heartbeat timeout decides how soon
 * another worker takes over after a kill.
 */
export const watching = proxyActivities<Activities>({
  startToCloseTimeout: '24h',
  heartbeatTimeout: '10s',
  cancellationType,
  retry: { ...retry, maximumInterval: '5s' },
})

/** Undo never gives up by count: the hub must not stay half way because of a slow API server. */
export const undoing = proxyActivities<Activities>({
  startToCloseTimeout: '24h',
  heartbeatTimeout: '10s',
  retry: { ...retry, maximumInterval: '10s' },
})
