import { join } from 'node:path'
import { Worker } from '@temporalio/worker'
import { taskPatience, workflowSources } from '../../src/workflow-source'
import { parseHistory, readHistory, type Recorded } from '../support/history'
import { workflowBundle } from '../support/upgrade-scenario'

/** The first task of an upgrade as it was recorded, with so many signals before it. */
function firstTask(signals: number): { workflowId: string; history: unknown } {
  const { workflowId, history } = readHistory(join(__dirname, '../histories/0.1.0/rejected.json'))
  const until = history.events.findIndex(
    ({ activityTaskScheduledEventAttributes }) => activityTaskScheduledEventAttributes,
  )
  const [started, scheduled, ...task] = history.events.slice(0, until + 1)
  const events = [started, scheduled, ...Array.from({ length: signals }, () => signalled(history.events)), ...task]
  return { workflowId, history: { events: events.map((event, index) => ({ ...event, eventId: String(index + 1) })) } }
}

test('10,000 signals that came while no worker was up fit into one workflow task', async () => {
  const options = {
    ...taskPatience,
    workflowBundle: await workflowBundle(),
    dataConverter: { payloadConverterPath: workflowSources.payloadConverterPath },
  }
  const { workflowId, history } = firstTask(10_000)
  await Worker.runReplayHistory(options, parseHistory(history), workflowId)
})

const signalled = (events: Recorded['history']['events']) =>
  events.find(({ eventType }) => eventType.endsWith('WORKFLOW_EXECUTION_SIGNALED'))
