import { type Client, type ScheduleDescription, WorkflowFailedError } from '@temporalio/client'
import { sentenceOf } from '../domain/errors'
import { scanProgressQuery, type ScanProgress } from '../workflows/messages'

/** Where one scan stands. */
export type ScanState =
  | {
      kind: 'running'
      /** in words: what it waits for */
      waitingFor: string
      progress?: ScanProgress
    }
  | {
      kind: 'done'
      complete: boolean
      summary: string
      /** services whose upgrade it started */
      started: string[]
    }
  | { kind: 'failed'; reason: string }

/** The run that a Schedule started last, and whether it still runs. */
export function latestAction({
  info,
}: Pick<ScheduleDescription, 'info'>): { workflowId: string; isRunning: boolean } | undefined {
  const running = info.runningActions.at(-1)
  if (running?.type === 'startWorkflow') return { workflowId: running.workflow.workflowId, isRunning: true }
  const newest = [...info.recentActions].sort((a, b) => a.takenAt.getTime() - b.takenAt.getTime()).at(-1)
  return newest?.action.type === 'startWorkflow'
    ? { workflowId: newest.action.workflow.workflowId, isRunning: false }
    : undefined
}

const notPickedUp = 'the scan to be picked up by a worker'

/** Reads a scan's state; a failing activity that is tried again counts as running, with its last failure in words. */
export async function describeScan(client: Client, workflowId: string): Promise<ScanState> {
  const handle = client.workflow.getHandle(workflowId)
  const { status, raw } = await handle.describe()
  if (status.name === 'RUNNING') {
    const activity = raw.pendingActivities?.at(0)
    const started = 2 // temporal.api.enums.v1.PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
    const failure = activity?.lastFailure?.message
    if (failure)
      return {
        kind: 'running',
        waitingFor: `attempt ${activity.attempt ?? 2} of the scan; the last one failed: ${failure}`,
      }
    if (Number(activity?.state) !== started) return { kind: 'running', waitingFor: notPickedUp }
    const progress = await progressOf(client, workflowId)
    return { kind: 'running', waitingFor: progressWords(progress), ...(progress ? { progress } : {}) }
  }
  if (status.name !== 'COMPLETED') return { kind: 'failed', reason: await failureOf(handle, status.name) }
  const { complete, summary, started } = (await handle.result()) as {
    complete: boolean
    summary: string
    started: string[]
  }
  return { kind: 'done', complete, summary, started }
}

const answersWithinMs = 2_000

/** Undefined while the cluster is still being observed, and where nobody answers. */
async function progressOf(client: Client, workflowId: string): Promise<ScanProgress | undefined> {
  try {
    return await client.withDeadline(Date.now() + answersWithinMs, () =>
      client.workflow.getHandle(workflowId).query(scanProgressQuery),
    )
  } catch {
    return undefined
  }
}

function progressWords(progress: ScanProgress | undefined): string {
  const hosts = Object.entries(progress?.hosts ?? {})
  if (hosts.length === 0) return 'the scan to read the cluster'
  const words = hosts.map(([host, { done, repositories }]) => `${done} of ${repositories} repositories at ${host}`)
  return `the scan to read the registries: ${words.join(', ')}`
}

async function failureOf(handle: { result(): Promise<unknown> }, status: string): Promise<string> {
  try {
    await handle.result()
  } catch (error) {
    let cause: unknown = error
    while (
      cause instanceof Error &&
      cause.cause &&
      (cause instanceof WorkflowFailedError || cause.name === 'ActivityFailure')
    )
      cause = cause.cause
    return sentenceOf(cause)
  }
  return `it ended ${status}`
}
