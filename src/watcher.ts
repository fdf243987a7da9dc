import type { Logger } from 'pino'
import { sleep } from './clients/registry/sleep'
import { sentenceOf } from './domain/errors'
import type { HubTemporal } from './operations/temporal'
import type { Store } from './store/contracts'

const everyMs = 60_000

interface Watched {
  store: Pick<Store, 'schedules'>
  temporal: Pick<HubTemporal, 'schedules'>
  /** of refit.yaml as it is now; undefined when it can't be read */
  configHash: () => string | undefined
  /** the hash that this worker knows, or was warned of last */
  knownHash: string
  logger: Pick<Logger, 'warn'>
}

/**
 * One look at what nobody tells a worker: Schedules that were paused elsewhere, a refit.yaml that it doesn't know. Returns
 * the hash that it said so of.
 */
export async function look({ store, temporal, configHash, knownHash, logger }: Watched): Promise<string> {
  const hash = configHash() ?? knownHash
  if (hash !== knownHash)
    logger.warn('refit.yaml has changed since this worker started: start it anew, until then the old one counts')
  for (const { id, state, note } of await temporal.schedules())
    await store.schedules.note({ schedule: id, paused: state === 'paused', note })
  return hash
}

/** Looks now and every minute, until it is stopped. */
export function startWatcher(watching: Watched): () => Promise<void> {
  const stopping = new AbortController()
  let watched = watching
  const running = (async () => {
    while (!stopping.signal.aborted) {
      const knownHash = await look(watched).catch((error: unknown) => {
        watched.logger.warn({ error: sentenceOf(error) }, 'Schedules could not be looked at')
        return watched.knownHash
      })
      watched = { ...watched, knownHash }
      await sleep(everyMs, stopping.signal).catch(() => undefined)
    }
  })()
  return async () => {
    stopping.abort()
    await running
  }
}
