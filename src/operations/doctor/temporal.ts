import { scanScheduleId, taskQueue, unpauseCommand } from '../../domain/temporal-names'
import { type Check, type DoctorParts, ok } from './check'

const startWorker = 'Start a worker: refit worker.'

/** Server and namespace, then what a worker leaves there, then whether one is up. */
export async function checkTemporal({ temporal }: Pick<DoctorParts, 'temporal'>): Promise<Check[]> {
  const hub = await temporal()
  const [{ missingSearchAttributes, scanSchedule }, workers] = await Promise.all([hub.check(), hub.workers()])
  return [
    ok('temporal', `reachable, namespace ${hub.namespace}`),
    attributes(missingSearchAttributes),
    schedule(scanSchedule, hub.namespace),
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

function schedule(state: 'active' | 'paused' | 'missing', temporalNamespace: string): Check {
  const name = 'scan schedule'
  if (state === 'active') return ok(name, `${scanScheduleId} is active`)
  if (state === 'paused')
    return {
      name,
      state: 'warn',
      message: `${scanScheduleId} is paused, so nothing is scanned`,
      next: unpauseCommand(temporalNamespace),
    }
  return {
    name,
    state: 'warn',
    message: `${scanScheduleId} does not exist yet`,
    next: `A worker creates it when it starts. ${startWorker}`,
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
