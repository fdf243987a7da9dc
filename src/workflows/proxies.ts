/**
 * Every timeout and retry of every activity, in one place, with its reason. Errors that stay are marked as such where
 * they arise (activities/failures.ts), so no list of them is kept here.
 */
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow'
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

/** A plan and its check: an image's layers, which may be hundreds of megabytes, are read once; heartbeats tell it lives. */
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
