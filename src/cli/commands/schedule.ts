import { durationWords, instant } from '../../domain/text'
import { quoted, scheduleName } from '../../domain/temporal-names'
import {
  pauseSchedule,
  resumeSchedule,
  type ScheduleRequest,
  type ScheduleResult,
  showSchedules,
  triggerSchedule,
} from '../../operations/schedules'
import type { ScheduleInfo } from '../../operations/temporal-schedules'
import { actingAs, type ActorOptions } from '../acting'
import type { Command, Context } from '../context'
import { safe } from '../render'

interface Options extends ActorOptions {
  reason?: string
}

/** When scans and digests come, and whether anybody paused them. */
export const show: Command<unknown> = async (context, [name]) => {
  const temporal = await context.parts.temporal()
  const found = await context.waitFor('Temporal', () => showSchedules({ temporal }, name))
  for (const { id } of found.schedules)
    context.equivalent((of) => `temporal schedule describe${of} --schedule-id ${id}`)
  context.print(found, () => found.schedules.flatMap((each) => linesOf(context, each)))
}

export const pause: Command<Options> = (context, [name = ''], options) => change(context, pauseSchedule, name, options)
export const resume: Command<Options> = (context, [name = ''], options) =>
  change(context, resumeSchedule, name, options)

/** Starts a run now. */
export const trigger: Command<unknown> = async (context, [name = '']) => {
  const temporal = await context.parts.temporal()
  const triggered = await context.waitFor('the run to show up', () => triggerSchedule({ temporal }, name))
  context.equivalent((of) => `temporal schedule trigger${of} --schedule-id ${triggered.schedule}`)
  context.print(triggered, () => [
    `${triggered.alreadyRan ? 'one ran already' : 'triggered'}: ${triggered.workflowId}`,
    `next: refit schedule show ${name}`,
  ])
}

async function change(
  context: Context,
  operation: typeof pauseSchedule,
  name: string,
  { reason = '', ...who }: Options,
): Promise<void> {
  const [store, temporal] = await Promise.all([context.parts.store(), context.parts.temporal()])
  const request: ScheduleRequest = { name, reason, ...(await actingAs(context, who, 'operator')) }
  const result: ScheduleResult = await context.waitFor('Temporal and the store', () =>
    operation({ store, temporal }, request, context.io.now()),
  )
  const isPaused = result.state === 'paused'
  const toggle = isPaused ? `--pause` : '--unpause'
  const why = reason ? ` --reason ${quoted(reason)}` : ''
  context.equivalent((of) => `temporal schedule toggle${of} ${toggle} --schedule-id ${result.schedule}${why}`)
  context.print(result, () => [
    context.paint(isPaused ? 'warn' : 'good', safe(`${result.schedule} is ${result.state}: ${result.note}`)),
    `next: refit schedule ${isPaused ? `resume ${name}` : `show ${name}`}`,
  ])
}

function linesOf(context: Context, schedule: ScheduleInfo): string[] {
  const { id, state, note, lastRuns, nextRuns, missed, catchupWindowMs } = schedule
  const title = context.paint('strong', id)
  if (state === 'missing')
    return [
      `${title}: there is none${scheduleName(id) === 'digest' ? '; refit.yaml may have no digestAt' : ''}`,
      'a worker creates it when it starts',
    ]
  const said = note ? `: ${note}` : ''
  return [
    `${title}: ${state === 'paused' ? context.paint('warn', safe(`paused${said}`)) : safe(`active${said}`)}`,
    ...(lastRuns.length > 0
      ? ['last runs', ...lastRuns.map((run) => `  ${instant(run.startedAt)}  ${safe(run.workflowId)}`)]
      : ['it has not run yet']),
    state === 'paused' ? 'next runs: none while it is paused' : 'next runs',
    ...(state === 'paused' ? [] : nextRuns.map((at) => `  ${instant(at)}`)),
    `a run that was missed is made up for within ${durationWords(catchupWindowMs)}; missed for longer: ${missed}`,
  ]
}
