import { RefitError } from '../domain/errors'
import { actorWords } from '../domain/freeze-alerts'
import { digestScheduleId, scanScheduleId, scheduleName } from '../domain/temporal-names'
import { instant } from '../domain/text'
import type { Store } from '../store/contracts'
import type { HubTemporal } from './temporal'
import type { ScheduleInfo, Triggered } from './temporal-schedules'

/** What a person says to a Schedule. */
export interface ScheduleRequest {
  /** `scan` or `digest` */
  name: string
  reason: string
  by: string
  /** a login stands behind the name */
  verified?: boolean
}

/** What `refit schedule pause` and `resume -o json` print. */
export interface ScheduleResult {
  schedule: string
  state: 'active' | 'paused'
  note: string
}

type Deps = { store: Store; temporal: HubTemporal }

const ids = [scanScheduleId, digestScheduleId]

/** What `refit schedule show -o json` prints. */
export async function showSchedules(
  { temporal }: Pick<Deps, 'temporal'>,
  name: string | undefined,
): Promise<{ schedules: ScheduleInfo[] }> {
  const wanted = name === undefined ? undefined : idOf(name)
  const schedules = await temporal.schedules()
  return { schedules: schedules.filter(({ id }) => wanted === undefined || id === wanted) }
}

/** Starts nothing more until somebody resumes it; what runs goes on. Stays so when a worker starts anew. */
export async function pauseSchedule(deps: Deps, request: ScheduleRequest, now: Date): Promise<ScheduleResult> {
  const schedule = idOf(request.name)
  const note = noteOf('paused', request, now)
  await deps.temporal.pauseSchedule(schedule, note)
  await deps.store.schedules.note({ schedule, paused: true, note, by: request.by, verified: request.verified ?? false })
  return { schedule, state: 'paused', note }
}

/** Lets a Schedule go on; what it missed meanwhile is not made up for. */
export async function resumeSchedule(deps: Deps, request: ScheduleRequest, now: Date): Promise<ScheduleResult> {
  const schedule = idOf(request.name)
  const note = noteOf('resumed', request, now)
  await deps.temporal.resumeSchedule(schedule, note)
  await deps.store.schedules.note({
    ...{ schedule, paused: false, note, by: request.by },
    verified: request.verified ?? false,
  })
  return { schedule, state: 'active', note }
}

/** What `refit schedule trigger -o json` prints: a run outside its times. Throws WAIT_EXPIRED when none shows up. */
export async function triggerSchedule(
  { temporal }: Pick<Deps, 'temporal'>,
  name: string,
): Promise<Triggered & { schedule: string }> {
  const schedule = idOf(name)
  const triggered = await temporal.triggerSchedule(schedule)
  if (!triggered)
    throw new RefitError('WAIT_EXPIRED', `No run of Schedule ${schedule} showed up.`, `refit schedule show ${name}`)
  return { schedule, ...triggered }
}

function idOf(name: string): string {
  const id = ids.find((each) => scheduleName(each) === name || each === name)
  if (id) return id
  throw new RefitError('USAGE', `There is no Schedule ${name}.`, `Refit has ${ids.map(scheduleName).join(' and ')}.`)
}

/** Temporal keeps this, and its Web UI shows it. */
const noteOf = (verb: string, { by, verified = false, reason }: ScheduleRequest, now: Date): string =>
  `${verb} by ${actorWords({ by, verified })} at ${instant(now)}${reason ? `: ${reason}` : ''}`
