/** Everything that a simulation runs on: real Temporal (skipping time), PostgreSQL, clients and workflows; made-up servers. */
import { setTimeout as realSleep } from 'node:timers/promises'
import { Client as TemporalClient } from '@temporalio/client'
import { Runtime, Worker } from '@temporalio/worker'
import pino from 'pino'
import { createActivities } from '../../../src/activities'
import { createKubernetes } from '../../../src/clients/kubernetes'
import type { Notifier } from '../../../src/clients/contracts'
import { createNotifiers } from '../../../src/clients/notifiers'
import { createPromotions } from '../../../src/clients/promotion'
import { addSearchAttributes, openWorkflows } from '../../../src/clients/temporal'
import { parseConfig } from '../../../src/config'
import { taskQueue } from '../../../src/domain/temporal-names'
import { openHub } from '../../../src/hub-clients'
import { createOpened } from '../../../src/opened'
import { type HubTemporal, hubTemporal } from '../../../src/operations/temporal'
import { createStore } from '../../../src/store'
import type { Store } from '../../../src/store/contracts'
import { workflowSources } from '../../../src/workflow-source'
import { timeSkippingServer } from '../../../stack'
import { type TestDatabases, testDatabases } from '../database'
import { type Behaviour, type MadeUpCluster, madeUpCluster } from '../made-up-cluster'
import { type MadeUpRegistry, madeUpRegistry } from '../made-up-registry'
import { timeSkipping, workflowBundle } from '../upgrade-scenario'
import { type SimulatedClock, simulatedClock } from './clock'
import { configText, dayMs, serviceNo } from './hub'
import { type Receiver, receiver } from './receivers'
import type { Story } from './story'

export interface Patch {
  at: number
  namespace: string
  name: string
  image: string
}

export interface World {
  /** midnight UTC of the first day */
  start: number
  clock: SimulatedClock
  store: Store
  /** rows of a statement on the store */
  rows: <Row>(sql: string, values?: unknown[]) => Promise<Row[]>
  registry: MadeUpRegistry
  cluster: MadeUpCluster
  /** what was really changed in the cluster, in order */
  patches: Patch[]
  behaviours: Map<string, Behaviour>
  receivers: Receiver[]
  notifiers: Notifier[]
  client: TemporalClient
  temporal: HubTemporal
  /** passes time until then, while everything goes on */
  passTo(at: number): Promise<void>
  /** while a worker works */
  run<T>(act: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Time passes within moments, unless a lot happens meanwhile. */
const mostRealMs = 30_000

const tell = (message: string, facts?: object): void =>
  void (process.env.DAYS_DEBUG && process.stderr.write(`${message} ${JSON.stringify(facts)?.slice(0, 2_000)}\n`))
/** With DAYS_DEBUG what fails in activities and workflows is shown. */
const silent = { log() {}, trace() {}, debug() {}, info() {}, warn: tell, error: tell }

export async function openWorld(story: Story, services: number): Promise<World> {
  Runtime.install({ logger: silent })
  const { opens, closeAll } = createOpened((error) => process.stderr.write(`closing: ${String(error)}\n`))
  try {
    const databases: TestDatabases = opens(await testDatabases(), (each) => each.remove())
    const url = await databases.create()
    const server = opens(await timeSkipping(await timeSkippingServer()), (each) => each.teardown())
    await addSearchAttributes(server.client)
    const clock = opens(await simulatedClock(url), (each) => each.restore())
    const serverNow = async (): Promise<number> => Number(await server.currentTimeMs())
    const store = opens(createStore(url), (each) => each.close())
    await store.migrate()
    // What the server skips by itself while an activity's database work is under way is seen here.
    const passTo = async (at: number): Promise<void> => {
      for (let left = at - (await serverNow()); left > 0; left = at - (await serverNow()))
        // A call that was lost must not end the simulation: it is asked again.
        await Promise.race([server.sleep(left), realSleep(mostRealMs, undefined, { ref: false })])
      await clock.follow(await serverNow())
    }
    const start = Math.ceil((await serverNow()) / dayMs) * dayMs
    await passTo(start)

    const registry = opens(await madeUpRegistry(), (each) => each.close())
    const behaviours = new Map<string, Behaviour>()
    const patches: Patch[] = []
    const partsOf = (image: string): [string, string] => {
      const [, repository = '', tag = ''] = /^[^/]+\/([^:@]+):([^@]+)/.exec(image) ?? []
      return [repository, tag]
    }
    const cluster = opens(
      await madeUpCluster({
        behaviourOf: (image) => behaviours.get(partsOf(image).join(':')) ?? 'healthy',
        digestOf: (image) => registry.digestOf(...partsOf(image)),
        patched: (patched) => void patches.push({ at: clock.now(), ...patched }),
      }),
      (each) => each.close(),
    )
    for (let index = 0; index < services; index += 1) {
      const { namespace, name, repository } = serviceNo(index)
      registry.publish(repository, 'v1.0.0')
      cluster.deploy({ namespace, name, image: `${registry.host}/${repository}:v1.0.0` })
    }
    const receivers = [await receiver(story.deliveries, 0), await receiver(story.deliveries, 500)]
    for (const each of receivers) opens(each, ({ close }) => close())
    const env = { REGISTRY: registry.host, ALERT_KEY: 'a-key-of-the-simulation' }
    const text = configText({ start, receivers: receivers.map((each) => each.url) })
    const config = parseConfig({ name: 'refit.yaml', env, text })
    const { kubeconfig } = cluster
    const hub = openHub(opens, () => createKubernetes({ kubeconfig }), { config, store, env })
    const promotions = opens(createPromotions(config.hubs), (each) => each.close())
    const notifiers = createNotifiers(config, { messages: store.slackMessages })
    // Unlike the environment's own client, it skips no time while it waits for a result.
    const client = new TemporalClient({ connection: server.connection })
    const workflows = {
      ...openWorkflows(client),
      // The time-skipping server has no lists: each is asked about by itself.
      listed: () => Promise.resolve(new Set<string>()),
    }
    const logger = pino({ level: 'silent' })
    const deps = { config, store, ...hub, notifiers, promotions, workflows, environment: env, logger }
    const worker = await Worker.create({
      connection: server.nativeConnection,
      taskQueue,
      workflowBundle: await workflowBundle(),
      dataConverter: { payloadConverterPath: workflowSources.payloadConverterPath },
      activities: clock.followedBy(createActivities(deps)),
    })
    return {
      ...{ start, clock, store, registry, cluster, patches, behaviours, receivers, notifiers, client, passTo },
      temporal: { ...hubTemporal(client), workers: () => Promise.resolve(1) },
      rows: (sql, values) => databases.query(url, sql, values),
      run: (act) => worker.runUntil(act),
      close: closeAll,
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}
