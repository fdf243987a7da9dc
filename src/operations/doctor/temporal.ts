import { scanScheduleId, scheduleName, taskQueue } from '../../domain/temporal-names'
import { instant } from '../../domain/text'
import type { ScheduleInfo } from '../temporal-schedules'
import { type Check, type DoctorParts, ok } from './check'

const startWorker = 'Start a worker: refit worker.'

/** Server and namespace, then what a worker leaves there, then whether one is up. */
export async function checkTemporal({ temporal, config }: Pick<DoctorParts, 'temporal' | 'config'>): Promise<Check[]> {
  const hub = await temporal()
  const [{ missingSearchAttributes }, schedules, workers] = await Promise.all([
    hub.check(),
    hub.schedules(),
    hub.workers(),
  ])
  // A refit.yaml that can't be read has a line of its own.
  const digestAt = await config().then(
    (read) => read.digestAt,
    () => undefined,
  )
  return [
    ok('temporal', `reachable, namespace ${hub.namespace}`),
    attributes(missingSearchAttributes),
    ...schedules.flatMap((each) => schedule(each, { isWanted: each.id === scanScheduleId || digestAt !== undefined })),
    worker(workers),
  ]
}

function attributes(missing: string[]): Check {
  const name = 'search attributes'
  if (missing.length === 0) return ok(name, 'registered')
  return {
    name,
    state: 'warn',
    message: `missing: ${missing.join(', ')}`,
    next: `A worker registers them when it starts. ${startWorker}`,
  }
}

function schedule({ id, state, note, nextRuns }: ScheduleInfo, { isWanted }: { isWanted: boolean }): Check[] {
  const short = scheduleName(id)
  const name = `${short} schedule`
  const next = `A worker ${isWanted ? 'creates' : 'removes'} it when it starts. ${startWorker}`
  switch (state) {
    case 'missing':
      return isWanted ? [{ name, state: 'warn', message: `${id} does not exist yet`, next }] : []
    case 'paused':
      return [
        {
          name,
          state: 'warn',
          message: `${id} is paused${note ? ` (${note})` : ''}, so ${short === 'scan' ? 'nothing is scanned' : 'no digest comes'}`,
          next: `refit schedule resume ${short}`,
        },
      ]
    case 'active':
      if (!isWanted) return [{ name, state: 'warn', message: `${id} is active, but refit.yaml has no digestAt`, next }]
      return [ok(name, `${id} is active${nextRuns[0] ? `, next at ${instant(nextRuns[0])}` : ''}`)]
  }
}

function worker(count: number): Check {
  if (count > 0) return ok('worker', `${count} polling task queue ${taskQueue}`)
  return {
    name: 'worker',
    state: 'fail',
    message: `none polls task queue ${taskQueue}: nothing is scanned, no upgrade moves`,
    next: startWorker,
  }
}
