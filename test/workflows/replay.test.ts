import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { bundleWorkflowCode, Runtime, Worker, type ReplayWorkerOptions } from '@temporalio/worker'
import { outcomes } from '../../src/domain/status'
import { traceInterceptor, workflowSources } from '../../src/workflow-source'
import { parseHistory, readHistory, type Recorded } from '../support/history'
import { workflowBundle } from '../support/upgrade-scenario'

/** One folder for each version of Refit that people may come from. */
const folder = join(__dirname, '../histories')
const names = readdirSync(folder).flatMap((version) =>
  readdirSync(join(folder, version)).map((file) => `${version}/${file.replace(/\.json$/, '')}`),
)
const read = (name: string) => readHistory(join(folder, `${name}.json`))

const replay = ({ workflowId, history }: Recorded) =>
  Worker.runReplayHistory(options, parseHistory(history), workflowId)

/** What the case of a long wait changes of an event. */
interface LongWait {
  eventId: string
  eventTime?: unknown
  eventType: string
  activityTaskCompletedEventAttributes?: { result: { payloads: { data: string }[] } }
  workflowTaskStartedEventAttributes?: { suggestContinueAsNew?: boolean }
  workflowExecutionContinuedAsNewEventAttributes?: object
}

let options: ReplayWorkerOptions
let traced: ReplayWorkerOptions
beforeAll(async () => {
  // The negative cases make the core warn.
  Runtime.install({ telemetryOptions: { logging: { filter: 'OFF' } } })
  options = { workflowBundle: await workflowBundle() }
  const workflowInterceptorModules = [traceInterceptor]
  traced = {
    workflowBundle: await bundleWorkflowCode({ ...workflowSources, workflowInterceptorModules }),
    sinks: { traces: { ended: { fn: () => undefined } } },
  }
})

/** Histories of runs of earlier builds: today's workflow code must go through them in the same steps. */
test.each(names)('%s replays', async (name) => {
  await replay(read(name))
})

/** What began without traces goes on with them when somebody switches them on, and the other way round. */
test.each(names)('%s replays with traces', async (name) => {
  const { workflowId, history } = read(name)
  await Worker.runReplayHistory(traced, parseHistory(history), workflowId)
})

test('every workflow is among them', () => {
  const types = names.map((name) => read(name).history.events[0]?.workflowExecutionStartedEventAttributes?.workflowType)
  expect(new Set(types.map((type) => type?.name))).toEqual(
    new Set(['upgrade', 'scan', 'data', 'digest', 'hints', 'release']),
  )
})

/** How a workflow of this type ended, by its result. */
const ends = (type: string): Set<unknown> =>
  new Set(
    names
      .map((name) => read(name).history.events)
      .filter(([first]) => first?.workflowExecutionStartedEventAttributes?.workflowType.name === type)
      .map((events) => events.at(-1)?.workflowExecutionCompletedEventAttributes?.result?.payloads[0]?.data)
      .map((data) =>
        data ? (JSON.parse(Buffer.from(data, 'base64').toString()) as { outcome?: string }).outcome : 'goes on',
      ),
  )

test('every end of an upgrade is among them', () => {
  expect([...outcomes].filter((outcome) => !ends('upgrade').has(outcome))).toEqual([])
})

test.each([
  ['release', ['succeeded', 'rolled-back', 'rejected', 'expired', 'refused', 'aborted', 'held', 'up-to-date']],
  ['data', ['succeeded', 'rejected', 'expired', 'aborted', 'held']],
])('every end of a %s workflow is among them', (type, all) => {
  expect(all.filter((outcome) => !ends(type).has(outcome))).toEqual([])
})

test('a data workflow that waits for long goes on in a new run, at the phase that it waits for', async () => {
  const { workflowId, history } = read('0.1.0/data-held')
  const closed = JSON.stringify({ kind: 'closed', opensAt: null, because: 'freeze by ana: month end' })
  const events = JSON.parse(JSON.stringify(history.events.slice(0, 17))) as LongWait[]
  events[12]!.activityTaskCompletedEventAttributes!.result.payloads[0]!.data = Buffer.from(closed).toString('base64')
  events[14]!.workflowTaskStartedEventAttributes!.suggestContinueAsNew = true
  const { eventId, eventTime } = events[16]!
  events[16] = {
    ...{ eventId, eventTime, eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW' },
    workflowExecutionContinuedAsNewEventAttributes: { workflowType: { name: 'data' } },
  }
  await replay({ workflowId, history: { events } })
  delete events[14]!.workflowTaskStartedEventAttributes!.suggestContinueAsNew
  await expect(replay({ workflowId, history: { events } })).rejects.toThrow(/Nondeterminism/)
})

describe('a history that the code can not have made fails', () => {
  const activities = ({ history }: Recorded) =>
    history.events.flatMap((event) => event.activityTaskScheduledEventAttributes ?? [])

  test('another activity in the place of preflight', async () => {
    const recorded = read('0.1.0/succeeded')
    const preflight = activities(recorded).find(({ activityType }) => activityType.name === 'preflight')
    preflight!.activityType.name = 'rollout'
    await expect(replay(recorded)).rejects.toThrow(/Nondeterminism/)
  })

  test('the two workloads without the bake after them', async () => {
    const recorded = read('0.1.0/succeeded')
    const bake = activities(recorded).find(({ activityType }) => activityType.name === 'bake')
    bake!.activityType.name = 'quarantine'
    await expect(replay(recorded)).rejects.toThrow(/Nondeterminism/)
  })

  test('a scan that concludes before its last batch', async () => {
    const recorded = read('0.1.0/scan-in-batches')
    const last = activities(recorded).findLast(({ activityType }) => activityType.name === 'decideBatch')
    last!.activityType.name = 'concludeScan'
    await expect(replay(recorded)).rejects.toThrow(/Nondeterminism/)
  })
})
