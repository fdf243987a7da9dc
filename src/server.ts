import pino from 'pino'
import { createApp } from './api/app'
import type { Api } from './api/types'
import { version } from './cli/version'
import { answerSlack } from './clients/slack-answer'
import { connectTemporal, temporalSettings } from './clients/temporal'
import { loadConfig, settingsOf } from './config'
import { environmentOf } from './config/environment'
import { isLoopback } from './config/values'
import type { Address } from './domain/address'
import { RefitError } from './domain/errors'
import { lazyCluster } from './lazy-cluster'
import { createMetrics } from './metrics'
import { createOpened } from './opened'
import { type HubTemporal, hubTemporal } from './operations/temporal'
import { createStore } from './store'
import { listenForChanges } from './store/changes'
import { startTracing } from './tracing'

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
    const traces = opens(
      startTracing(env, { process: 'server', version: version(), warn: (message) => logger.warn(message) }),
      (each) => each.stop(),
    )
    const store = opens(createStore(environment.databaseUrl), (each) => each.close())
    const temporal = opens(lazyTemporal(env), (each) => each.close())
    const warn = (facts: object, message: string): void => logger.warn(facts, message)
    const metrics = createMetrics({ process: 'server', version: version(), config, store, warn })
    const { kubeconfig, databaseUrl } = environment
    const cluster = opens(
      lazyCluster({ config, store, kubeconfig, env }, (error) =>
        logger.warn({ error: String(error) }, 'closing failed'),
      ),
      (each) => each.close(),
    )
    const app = opens(
      await createApp(
        {
          ...{ config, store, temporal, hubTemporal: () => temporal.open(), cluster: cluster.open, answerSlack },
          ...{ temporalNamespace: temporalSettings(env).namespace, environment: env },
          ...{ metrics, traces },
          settings: settingsOf(config, { file: configFile, env }) ?? {},
          changes: (listener) => listenForChanges(databaseUrl, listener),
        },
        { logger, version: version(), isLocal: isLoopback(address.host) },
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

interface LazyTemporal extends Pick<HubTemporal, 'scanRepositories'> {
  open(): Promise<HubTemporal>
  close(): Promise<void>
}

/** Connects when it is first needed: what image-watcher's clients ask must be answered without Temporal, too. */
function lazyTemporal(env: NodeJS.ProcessEnv): LazyTemporal {
  let connecting: ReturnType<typeof connectTemporal> | undefined
  const open = async (): Promise<HubTemporal> => {
    connecting ??= connectTemporal(env).catch((error: unknown) => {
      connecting = undefined
      throw error
    })
    return hubTemporal(await connecting)
  }
  return {
    open,
    async scanRepositories(repositories) {
      await (await open()).scanRepositories(repositories)
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
