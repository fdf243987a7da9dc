import pino from 'pino'
import { createApp } from './api/app'
import { pageFolder } from './api/page'
import type { Api } from './api/types'
import { version } from './cli/version'
import { answerSlack } from './clients/slack-answer'
import { createOidcProvider } from './clients/oidc'
import { createCodec } from './clients/encryption'
import { connectTemporal, temporalSettings } from './clients/temporal'
import { type Config, loadConfig, settingsOf } from './config'
import { encryptionKeysOf } from './config/encryption-keys'
import { environmentOf } from './config/environment'
import { type Address, isLoopback } from './domain/address'
import { RefitError } from './domain/errors'
import { lazyCluster } from './lazy-cluster'
import { createMetrics } from './metrics'
import { createOpened } from './opened'
import { hubCodec } from './operations/codec'
import { type HubTemporal, hubTemporal } from './operations/temporal'
import { createStore } from './store'
import { listenForChanges } from './store/changes'
import { startTracing } from './tracing'

interface ServerOptions {
  configFile: string
  listen?: Address
  /** whoever asks from this machine may do everything without a login, under this name */
  insecureLocal?: string
}

/**
 * Runs the HTTP server until it is told to stop (SIGTERM, SIGINT): config → clients → app → listen, and everything that it
 * opened is closed again. Throws RefitError when the configuration is wrong; a store or a Temporal that is away is asked
 * again with each request.
 */
export async function runServer(
  env: NodeJS.ProcessEnv,
  { configFile, listen, insecureLocal }: ServerOptions,
): Promise<void> {
  const environment = environmentOf(env)
  const config = loadConfig({ file: configFile, env })
  const logger = pino({ name: 'refit', level: environment.logLevel })
  const address = listen ?? environment.serverAddress
  const { url } = config.server
  if (insecureLocal !== undefined) assertInsecureLocal({ isLocal: isLoopback(address.host), url })
  // With another address a proxy on this machine passes on what comes from anywhere.
  const isLocal = isLoopback(address.host) && (url === undefined || isLoopback(new URL(url).host))
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
          ...{ temporalNamespace: temporalSettings(env).namespace, environment: env, oidc: oidcOf(config) },
          ...{ metrics, traces, codec: codecOf(env) },
          settings: settingsOf(config, { file: configFile, env }) ?? {},
          changes: (listener) => listenForChanges(databaseUrl, listener),
        },
        {
          ...{ logger, version: version(), isLocal, page: pageFolder() },
          ...(insecureLocal === undefined ? {} : { insecureLocal }),
        },
      ),
      (each) => each.close(),
    )
    await listenAt(app, address)
    if (insecureLocal !== undefined)
      logger.warn({ as: insecureLocal }, 'INSECURE: whoever asks from this machine may do everything without a login')
    logger.info({ hub: config.hub, address: app.server.address() }, 'server ready')
    await stopped
  } finally {
    await closeAll()
  }
}

/** Throws USAGE where others than this machine could act without a login. */
export function assertInsecureLocal({ isLocal, url }: { isLocal: boolean; url: string | undefined }): void {
  if (isLocal && (url === undefined || isLoopback(new URL(url).host))) return
  throw new RefitError(
    'USAGE',
    '--insecure-local is for a server that only this machine can reach.',
    isLocal ? 'Leave it away, or take server.url out of refit.yaml.' : 'Listen at 127.0.0.1, or leave it away.',
  )
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

/** For people's eyes: what no key here can decrypt is shown as it is. */
function codecOf(env: NodeJS.ProcessEnv) {
  const keys = encryptionKeysOf(env)
  return keys.size > 0 ? hubCodec(createCodec(keys, 'leave')) : undefined
}

const oidcOf = ({ server: { oidc, url } }: Config) =>
  oidc && url !== undefined ? createOidcProvider(oidc, url) : undefined

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
