/**
 * A worker with scripted activities as a process of its own, for tests that kill it: its plan asks one verified person,
 * and its window never opens.
 *
 *     npx tsx test/support/upgrade-worker.ts ADDRESS NAMESPACE TASK-QUEUE VOTE
 */
import { NativeConnection, Worker } from '@temporalio/worker'
import { workflowSources } from '../../src/workflow-source'
import { workflowBundle } from './upgrade-scenario'
import { hour, planWith, votingActivities } from './vote-scenario'

async function main([address = '', namespace = '', taskQueue = '', by = '']: string[]): Promise<void> {
  const plan = planWith()
  const { activities, cast } = votingActivities(plan, {
    window: ({ now }) => Promise.resolve({ kind: 'closed', opensAt: now + hour, because: 'window' }),
  })
  cast(by, 'approve')
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    namespace,
    taskQueue,
    workflowBundle: await workflowBundle(),
    dataConverter: { payloadConverterPath: workflowSources.payloadConverterPath },
    activities,
  })
  console.log('polling')
  await worker.run()
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
