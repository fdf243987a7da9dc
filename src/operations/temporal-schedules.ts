import { type Client, type ScheduleHandle, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client'
import { latestAction } from './temporal-scan'

/** A Schedule as Temporal has it. */
export interface ScheduleInfo {
  id: string
  state: 'active' | 'paused' | 'missing'
  /** who paused or resumed it, when and why; empty when nobody did */
  note: string
  /** newest first, at most 5; `dueAt` is when it should have been started */
  lastRuns: { workflowId: string; dueAt: Date; startedAt: Date }[]
  /** at most 5; also those that a paused Schedule will not start */
  nextRuns: Date[]
  /** runs that were missed for longer than the catch-up window, ever */
  missed: number
  /** in ms */
  catchupWindowMs: number
}

const runsShown = 5

/** Never throws because a Schedule is missing. */
export async function describeSchedule(client: Client, id: string): Promise<ScheduleInfo> {
  try {
    const { state, info, policies } = await client.schedule.getHandle(id).describe()
    const lastRuns = info.recentActions.flatMap(({ action, scheduledAt, takenAt }) =>
      action.type === 'startWorkflow'
        ? [{ workflowId: action.workflow.workflowId, dueAt: scheduledAt, startedAt: takenAt }]
        : [],
    )
    return {
      id,
      state: state.paused ? 'paused' : 'active',
      note: state.note ?? '',
      lastRuns: lastRuns.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime()).slice(0, runsShown),
      nextRuns: info.nextActionTimes.slice(0, runsShown),
      missed: info.numActionsMissedCatchupWindow,
      catchupWindowMs: policies.catchupWindow,
    }
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error
    const none = { note: '', lastRuns: [], nextRuns: [], missed: 0, catchupWindowMs: 0 }
    return { id, state: 'missing', ...none }
  }
}

const actionAppearsMs = 10_000
const pollEveryMs = 250

/** A run of a Schedule that a person asked for. */
export interface Triggered {
  workflowId: string
  /** it ran already: a Schedule starts none beside it */
  alreadyRan: boolean
}

/** Starts a run now, and finds it. Undefined when none showed up within ten seconds. */
export async function triggerSchedule(schedule: ScheduleHandle): Promise<Triggered | undefined> {
  const before = latestAction(await schedule.describe())
  // Without naming it a trigger overlaps, and two runs of one second would even share a workflow id.
  await schedule.trigger(ScheduleOverlapPolicy.SKIP)
  const until = Date.now() + actionAppearsMs
  while (Date.now() < until) {
    const latest = latestAction(await schedule.describe())
    if (latest && latest.workflowId !== before?.workflowId) return { workflowId: latest.workflowId, alreadyRan: false }
    // The Schedule starts none while one runs, which may have ended meanwhile.
    if (latest && (latest.isRunning || before?.isRunning)) return { workflowId: latest.workflowId, alreadyRan: true }
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs))
  }
  return undefined
}
