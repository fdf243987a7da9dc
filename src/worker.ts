import { Runtime, type RuntimeOptions, Worker, type WorkerOptions } from '@temporalio/worker'
import pino from 'pino'
import { createActivities } from './activities'
import { version } from './cli/version'
import { createKubernetes } from './clients/kubernetes'
import { createNotifiers } from './clients/notifiers'
import { createPromotions } from './clients/promotion'
import { ensureSchedules } from './clients/schedules'
import { connectTemporal, connectWorker, openWorkflows, registerSearchAttributes } from './clients/temporal'
import { loadConfig } from './config'
import { configHash } from './config/hash'
import { startHealthServer } from './health-server'
import { createMetrics, hubLabels } from './metrics'
import { createMeter } from './metrics-worker'
import { openHub } from './hub-clients'
import { createOpened } from './opened'
import { startSender } from './sender'
import { createStore } from './store'
import { startTracing } from './tracing'
import { startWatcher } from './watcher'
import { workflowSource } from './workflow-source'
import { taskQueue } from './domain/temporal-names'
import { hubTemporal } from './operations/temporal'
import { environmentOf, type WorkerDeployment } from './config/environment'

/** Most of them only wait for pods; an undo must not wait for its turn behind them. */
const activitiesAtOnce = 500
/** What is still running when the worker is told to stop gets this long; Kubernetes kills it after 60 s (deploy/manifest). */
const shutdownGraceTime = '45s'
/**
 * Runs a Refit worker until it is told to stop (SIGTERM, SIGINT): config → clients → activities → worker, and everything
 * that it opened is closed again. Throws RefitError when a part that it needs is wrong or away.
 */
export async function runWorker(env: NodeJS.ProcessEnv, { configFile }: { configFile: string }): Promise<void> {
  const environment = environmentOf(env)
  const startedWith = configHash(configFile) ?? ''
  const config = loadConfig({ file: configFile, env })
  const logger = pino({ name: 'refit', level: environment.logLevel })
  Runtime.install({
    logger: temporalLogger(logger),
    ...temporalMetrics(environment.temporalMetricsAddress, hubLabels(config.hub)),
  })

  const { opens, closeAll } = createOpened((error) => logger.warn({ error: String(error) }, 'closing failed'))
  try {
    const traces = opens(
      startTracing(env, { process: 'worker', version: version(), warn: (message) => logger.warn(message) }),
      (each) => each.stop(),
    )
    const store = opens(createStore(environment.databaseUrl), (each) => each.close())
    await store.migrate()
    const client = opens(await connectTemporal(env), (each) => each.connection.close())
    const { connection, namespace, encryption } = opens(await connectWorker(env), (each) => each.connection.close())
    const { kubeconfig } = environment
    const createCluster = () => createKubernetes(kubeconfig ? { kubeconfig } : {})
    const { kubernetes, registry } = openHub(opens, createCluster, { config, store, env })
    const promotions = opens(createPromotions(config.hubs), (each) => each.close())
    const { slackApiUrl } = environment
    const notifiers = createNotifiers(config, { messages: store.slackMessages, slackApiUrl })
    await registerSearchAttributes(client)
    await ensureSchedules(client, config, Date.now())
    await store.workers.started(startedWith)

    const warn = (facts: object, message: string): void => logger.warn(facts, message)
    const metrics = createMetrics({ process: 'worker', version: version(), config, store, warn })
    const traits = { isTraced: traces.isOn, isEncrypted: encryption.isOn }
    const { workflowModules, dataConverter, ...source } = workflowSource(traits)
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue,
      ...source,
      dataConverter: { ...dataConverter, payloadCodecs: encryption.payloadCodecs },
      interceptors: { ...traces.worker.interceptors, workflowModules },
      ...(traces.worker.sinks ? { sinks: traces.worker.sinks } : {}),
      activities: createActivities({
        config,
        store,
        kubernetes,
        registry,
        notifiers,
        promotions,
        workflows: openWorkflows(client),
        environment: env,
        logger,
        meter: createMeter(metrics.registry, () => registry.requests()),
      }),
      shutdownGraceTime,
      maxConcurrentActivityTaskExecutions: activitiesAtOnce,
      maxCachedWorkflows: environment.maxCachedWorkflows,
      ...versioned(environment.deployment),
    })
    opens(startSender({ store, notifiers, hub: config.hub, logger }), (stop) => stop())
    opens(
      startWatcher({
        store,
        temporal: hubTemporal(client),
        configHash: () => configHash(configFile),
        knownHash: startedWith,
        logger,
      }),
      (stop) => stop(),
    )
    opens(await startHealthServer(environment.healthAddress, worker, metrics), (close) => close())
    logger.info({ hub: config.hub, namespace, taskQueue }, 'worker ready')
    await worker.run()
  } finally {
    await closeAll()
  }
}

/** Which version of a worker deployment this is, where Temporal is to know. */
function versioned(deployment: WorkerDeployment | undefined): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (!deployment) return {}
  const { name: deploymentName, buildId, versioning } = deployment
  const defaultVersioningBehavior = versioning === 'pinned' ? 'PINNED' : 'AUTO_UPGRADE'
  return {
    workerDeploymentOptions: {
      useWorkerVersioning: true,
      version: { deploymentName, buildId },
      defaultVersioningBehavior,
    },
  }
}

/** The SDK measures itself: pollers, latencies, slots. Names and units are those of Temporal's own documentation. */
function temporalMetrics(
  address: string,
  globalTags: Record<string, string>,
): Pick<RuntimeOptions, 'telemetryOptions'> {
  if (!address) return {}
  const prometheus = { bindAddress: address, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true }
  return { telemetryOptions: { metrics: { prometheus, globalTags } } }
}

function temporalLogger(logger: pino.Logger) {
  const log = (level: string, message: string, meta?: object): void => {
    const name = level.toLowerCase()
    if (name === 'trace' || name === 'debug' || name === 'info' || name === 'warn' || name === 'error')
      logger[name](meta ?? {}, message)
  }
  return {
    log,
    trace: (message: string, meta?: object) => log('trace', message, meta),
    debug: (message: string, meta?: object) => log('debug', message, meta),
    info: (message: string, meta?: object) => log('info', message, meta),
    warn: (message: string, meta?: object) => log('warn', message, meta),
    error: (message: string, meta?: object) => log('error', message, meta),
  }
}
