/**
 * A worker with Refit's own activities over a real store and database and a cluster in which nothing is deployed, as a
 * process of its own, for tests that kill it.
 *
 *     npx tsx test/support/data-worker.ts STORE-URL TEMPORAL-ADDRESS
 */
import { Client, Connection } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import pino from 'pino'
import { createActivities } from '../../src/activities'
import type { Dependencies } from '../../src/activities/dependencies'
import { openWorkflows } from '../../src/clients/temporal'
import { parseConfig } from '../../src/config'
import { taskQueue } from '../../src/domain/temporal-names'
import { createStore } from '../../src/store'
import { workflowSources } from '../../src/workflow-source'
import { workflowBundle } from './upgrade-scenario'

const text =
  'hub: { name: green-hub, environment: test }\npolicies: [{ name: x, select: { namespaces: [hub], images: ["*"] } }]\n'

async function main([storeUrl = '', address = '']: string[]): Promise<void> {
  const client = new Client({ connection: await Connection.connect({ address }) })
  const dependencies = {
    config: parseConfig({ name: 'refit.yaml', env: {}, text }),
    store: createStore(storeUrl),
    kubernetes: { observeServices: () => Promise.resolve([]) },
    notifiers: [],
    workflows: openWorkflows(client),
    environment: process.env,
    logger: pino({ level: 'silent' }),
  } as unknown as Dependencies
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    taskQueue,
    workflowBundle: await workflowBundle(),
    dataConverter: { payloadConverterPath: workflowSources.payloadConverterPath },
    activities: createActivities(dependencies),
  })
  console.log('polling')
  await worker.run()
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
