import pino from 'pino'
import { createApp } from './api/app'
import type { Api, ApiDeps } from './api/types'
import { version } from './cli/version'
import { connectTemporal } from './clients/temporal'
import { loadConfig } from './config'
import { environmentOf } from './config/environment'
import { isLoopback } from './config/values'
import type { Address } from './domain/address'
import { RefitError } from './domain/errors'
import { createOpened } from './opened'
import { hubTemporal } from './operations/temporal'
import { createStore } from './store'

/**
 * Runs the HTTP server until it is told to stop (SIGTERM, SIGINT): config → clients → app → listen, and everything that it
 * opened is closed again. Throws RefitError when the configuration is wrong; a store or a Temporal that is away is asked
 * again with each request.
 */
export async function runServer(
  env: NodeJS.ProcessEnv,
  { configFile, listen }: { configFile: string; listen?: Address },
): Promise<void> {
  const environment = environmentOf(env)
  const config = loadConfig({ file: configFile, env })
  const logger = pino({ name: 'refit', level: environment.logLevel })
  const address = listen ?? environment.serverAddress
  const stopped = toldToStop()

  const { opens, closeAll } = createOpened((error) => logger.warn({ error: String(error) }, 'closing failed'))
  try {
    const store = opens(createStore(environment.databaseUrl), (each) => each.close())
    const temporal = opens(lazyTemporal(env), (each) => each.close())
    const app = opens(
      await createApp(
        { config, store, temporal },
        { logger, version: version(), servesExplain: isLoopback(address.host) },
      ),
      (each) => each.close(),
    )
    await listenAt(app, address)
    logger.info({ hub: config.hub, address: app.server.address() }, 'server ready')
    await stopped
  } finally {
    await closeAll()
  }
}

async function listenAt(app: Api, { host, port }: Address): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    const { code = 'refused' } = error as NodeJS.ErrnoException
    throw new RefitError(
      'CONFIG_INVALID',
      `The HTTP server can't listen at ${host}:${port} (${code}).`,
      'Choose another address with --listen or REFIT_SERVER_ADDRESS.',
      { cause: error },
    )
  }
}

/** Connects with the first hint: what image-watcher's clients ask must be answered without Temporal, too. */
function lazyTemporal(env: NodeJS.ProcessEnv): ApiDeps['temporal'] & { close(): Promise<void> } {
  let connecting: ReturnType<typeof connectTemporal> | undefined
  const connect = (): ReturnType<typeof connectTemporal> => {
    connecting ??= connectTemporal(env).catch((error: unknown) => {
      connecting = undefined
      throw error
    })
    return connecting
  }
  return {
    async scanRepositories(repositories) {
      await hubTemporal(await connect()).scanRepositories(repositories)
    },
    async close() {
      await (await connecting)?.connection.close()
    },
  }
}

/** A second signal ends the process as usual. */
const toldToStop = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
