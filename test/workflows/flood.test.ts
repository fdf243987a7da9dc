import { join } from 'node:path'
import { Worker } from '@temporalio/worker'
import { workflowSources } from '../../src/workflow-source'
import { parseHistory, readHistory, type Recorded } from '../support/history'
import { workflowBundle } from '../support/upgrade-scenario'

test('10,000 signals that came while no worker was up fit into one workflow task', async () => {
  const { workflowId, history } = readHistory(join(__dirname, '../histories/rejected.json'))
  const [started, scheduled, taken] = history.events
  const events = [started, scheduled, ...Array.from({ length: 10_000 }, () => signalled(history.events)), taken]
  const numbered = events.map((event, index) => ({ ...event, eventId: String(index + 1) }))
  await Worker.runReplayHistory(
    {
      workflowBundle: await workflowBundle(),
      dataConverter: { payloadConverterPath: workflowSources.payloadConverterPath },
    },
    parseHistory({ events: numbered }),
    workflowId,
  )
}, 120_000)

const signalled = (events: Recorded['history']['events']) =>
  events.find(({ eventType }) => eventType.endsWith('WORKFLOW_EXECUTION_SIGNALED'))
