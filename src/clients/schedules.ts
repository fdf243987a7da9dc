import {
  type CalendarSpec,
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleSpec,
} from '@temporalio/client'
import type { Config } from '../config'
import { type CalendarTime, digestCalendar, digestInterval } from '../domain/digest-times'
import { digestScheduleId, scanScheduleId, taskQueue } from '../domain/temporal-names'

interface WantedSchedule {
  scheduleId: string
  workflowType: string
  spec: ScheduleSpec
  /** what was missed for longer is not made up for */
  catchupWindowMs: number
}

/** Temporal refuses less. */
const leastCatchupMs = 10_000
/** A digest that is later than this is no use at a change of shift; the next one tells what it would have told. */
const latestDigestMs = 3_600_000

/**
 * Makes the hub's Schedules what refit.yaml says: creates, changes and removes them, as often as it is run. Whether one is
 * paused is a person's word and stays. `now` is epoch ms.
 */
export async function ensureSchedules(
  client: Client,
  config: Pick<Config, 'scan' | 'digestAt'>,
  now: number,
): Promise<void> {
  const wanted = wantedSchedules(config, now)
  for (const schedule of wanted) await ensure(client, schedule)
  if (!wanted.some(({ scheduleId }) => scheduleId === digestScheduleId)) await removeSchedule(client, digestScheduleId)
}

function wantedSchedules({ scan, digestAt }: Pick<Config, 'scan' | 'digestAt'>, now: number): WantedSchedule[] {
  const scans = {
    scheduleId: scanScheduleId,
    workflowType: 'scan',
    spec: { intervals: [{ every: scan.everyMs }] },
    catchupWindowMs: scan.everyMs,
  }
  if (!digestAt) return [scans]
  const digests = {
    scheduleId: digestScheduleId,
    workflowType: 'digest',
    spec: { calendars: digestCalendar(digestAt, now).map(calendarOf), timezone: digestAt.timeZone },
    catchupWindowMs: Math.min(digestInterval(digestAt), latestDigestMs),
  }
  return [scans, digests]
}

const months = [
  'JANUARY',
  'FEBRUARY',
  'MARCH',
  'APRIL',
  'MAY',
  'JUNE',
  'JULY',
  'AUGUST',
  'SEPTEMBER',
  'OCTOBER',
  'NOVEMBER',
  'DECEMBER',
] as const

function calendarOf({ hour, minute, date }: CalendarTime): CalendarSpec {
  if (!date) return { hour, minute }
  const { year, month, day } = date
  return { year, month: months[month - 1] ?? 'JANUARY', dayOfMonth: day, hour, minute, comment: 'a skipped time' }
}

async function ensure(
  client: Client,
  { scheduleId, workflowType, spec, catchupWindowMs }: WantedSchedule,
): Promise<void> {
  const action = { type: 'startWorkflow' as const, workflowType, workflowId: scheduleId, taskQueue, args: [] }
  const policies = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: Math.max(catchupWindowMs, leastCatchupMs) }
  try {
    await client.schedule.create({ scheduleId, spec, action, policies })
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
    await client.schedule.getHandle(scheduleId).update((previous) => ({
      ...previous,
      spec,
      action,
      policies: { ...previous.policies, ...policies },
    }))
  }
}

/** False when there was none. What runs goes on. */
export async function removeSchedule(client: Client, scheduleId: string): Promise<boolean> {
  try {
    await client.schedule.getHandle(scheduleId).delete()
    return true
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false
    throw error
  }
}
