import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config'
import { RefitError } from '../domain/errors'
import { neverHadWorker } from '../operations/first-worker'
import type { HubTemporal } from '../operations/temporal'
import type { Store } from '../store/contracts'
import type { Context } from './context'

const patienceMs = 60_000
const everyMs = 500

interface Deps {
  config: Config
  store: Store
  temporal: Pick<HubTemporal, 'workers'>
}

/**
 * Runs `work` with a worker beside it where no worker has ever run and every policy only watches: so that the first scan of
 * a new hub needs nothing else. Anywhere else `work` runs alone. NO_WORKER when the worker ends or doesn't begin.
 */
export async function withFirstWorker<T>(
  context: Pick<Context, 'io' | 'env' | 'configFile' | 'paint'>,
  { config, store, temporal }: Deps,
  work: () => Promise<T>,
): Promise<T> {
  const { io, env, configFile, paint } = context
  const onlyWatches = config.policies.every(({ mode }) => mode === 'watch')
  if (!onlyWatches || (await temporal.workers()) > 0 || !(await neverHadWorker(store))) return work()
  io.err(`${paint('dim', 'no worker has run yet: one runs beside this scan; refit worker is one that stays')}\n`)
  const worker = io.startSelf(['--config', configFile, 'worker'], { REFIT_LOG_LEVEL: 'warn', ...env })
  try {
    for (const until = Date.now() + patienceMs; (await temporal.workers()) === 0; await sleep(everyMs)) {
      const said = worker.ended()
      if (said !== undefined || Date.now() > until) throw notUp(said)
    }
    return await work()
  } finally {
    await worker.stop()
  }
}

const notUp = (said: string | undefined): RefitError =>
  new RefitError(
    'NO_WORKER',
    said === undefined
      ? 'The worker beside this scan does not begin.'
      : `The worker beside this scan ended. ${said}`.trim(),
    'Mend that, or see it with refit worker; refit doctor says what is missing.',
  )
