import { scanScheduleId, scheduleName, taskQueue } from '../../domain/temporal-names'
import { instant } from '../../domain/text'
import { neverHadWorker } from '../first-worker'
import type { ScheduleInfo } from '../temporal-schedules'
import { type Check, type DoctorParts, ok } from './check'

const startWorker = 'Start a worker: refit worker.'

/** Server and namespace, then what a worker leaves there, then whether one is up. */
export async function checkTemporal({
  temporal,
  config,
  store,
}: Pick<DoctorParts, 'temporal' | 'config' | 'store'>): Promise<Check[]> {
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
    worker(workers, {
      isFirst: await store()
        .then(neverHadWorker)
        .catch(() => false),
    }),
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

function worker(count: number, { isFirst }: { isFirst: boolean }): Check {
  if (count > 0) return ok('worker', `${count} polling task queue ${taskQueue}`)
  if (isFirst)
    return {
      name: 'worker',
      state: 'warn',
      message: 'none has run yet: nothing is scanned by itself',
      next: `${startWorker} For a first look refit scan runs one of its own where all policies only watch.`,
    }
  return {
    name: 'worker',
    state: 'fail',
    message: `none polls task queue ${taskQueue}: nothing is scanned, no upgrade moves`,
    next: startWorker,
  }
}
