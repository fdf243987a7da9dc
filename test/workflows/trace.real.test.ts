import { randomUUID } from 'node:crypto'
import { WorkflowClient, type WorkflowClientInterceptor } from '@temporalio/client'
import { bundleWorkflowCode, Worker, type WorkflowBundle } from '@temporalio/worker'
import { traceInterceptor, workflowSources } from '../../src/workflow-source'
import type { WorkflowSpan } from '../../src/workflows/trace-interceptor'
import type { upgrade } from '../../src/workflows/upgrade'
import { input, openScenario, reaches, type Scenario, scriptedActivities, yes } from '../support/upgrade-scenario'

const header = '_tracer-data'
const sender = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }
const json = (value: unknown) => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
})
const sent = json({ traceparent: `00-${sender.traceId}-${sender.spanId}-01` })

let scenario: Scenario
let workflowBundle: WorkflowBundle
beforeAll(async () => {
  scenario = await openScenario()
  workflowBundle = await bundleWorkflowCode({
    ...workflowSources,
    workflowInterceptorModules: [traceInterceptor],
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  })
})
afterAll(() => scenario.close())

/** Runs an upgrade whose start and approval carry these headers; its spans, and the headers of its activities. */
async function traced({ start }: { start?: object }) {
  const spans: WorkflowSpan[] = []
  const carried: unknown[] = []
  const with_ = (each: object | undefined) => (each ? { headers: { [header]: each } as never } : {})
  const interceptor: WorkflowClientInterceptor = {
    start: (call, next) => next({ ...call, ...with_(start) }),
    signal: (call, next) => next({ ...call, ...with_(start) }),
  }
  const client = new WorkflowClient({ connection: scenario.env.connection, interceptors: [interceptor] })
  const taskQueue = randomUUID()
  const worker = await Worker.create({
    ...{ connection: scenario.env.nativeConnection, taskQueue, workflowBundle, maxCachedWorkflows: 0 },
    dataConverter: { payloadConverterPath: workflowSources.payloadConverterPath },
    activities: scriptedActivities().activities,
    sinks: { traces: { ended: { fn: (_: unknown, span: WorkflowSpan) => void spans.push(span) } } },
    interceptors: {
      activity: [
        () => ({
          inbound: {
            execute: (call, next) => {
              const { data } = (call.headers[header] ?? {}) as { data?: Uint8Array }
              carried.push(data && JSON.parse(Buffer.from(data).toString()))
              return next(call)
            },
          },
        }),
      ],
    },
  })
  return worker.runUntil(async () => {
    const handle = await client.start<typeof upgrade>('upgrade', {
      ...{ workflowId: `refit/upgrade/test/${randomUUID()}`, taskQueue, args: [input] },
    })
    await reaches(handle, 'approval')
    await handle.signal('approve', yes)
    const { outcome } = await handle.result()
    return { outcome, spans, carried, runId: handle.firstExecutionRunId }
  })
}

test('an upgrade joins the trace of who started it, and its activities the upgrade', async () => {
  const { outcome, spans, carried } = await traced({ start: sent })
  const run = spans.find(({ name }) => name === 'RunWorkflow:upgrade')
  expect(outcome).toBe('succeeded')
  expect(run).toMatchObject({
    ...{ context: { traceId: sender.traceId, sampled: true }, parentSpanId: sender.spanId, failed: false },
  })
  expect(carried.length).toBeGreaterThan(5)
  for (const each of carried) expect(each).toEqual({ traceparent: `00-${sender.traceId}-${run?.context.spanId}-01` })
})

test('an upgrade that nobody traces has a trace that its run id names', async () => {
  const { spans, runId } = await traced({})
  expect(spans.map(({ context }) => context.traceId)).toEqual([runId.replaceAll('-', '')])
  expect(spans[0]?.parentSpanId).toBeUndefined()
})

test('a trace that nobody keeps is carried on and not told of', async () => {
  const { spans, carried } = await traced({ start: json({ traceparent: `00-${sender.traceId}-${sender.spanId}-00` }) })
  expect(spans).toEqual([])
  expect(carried[0]).toEqual({ traceparent: expect.stringMatching(new RegExp(`^00-${sender.traceId}-.{16}-00$`)) })
})

test.each<[string, object]>([
  ['half a JSON', json('{"traceparent":')],
  ['no object', json('7')],
  ['null', json('null')],
  ['a traceparent that is none', json({ traceparent: { a: 1 } })],
  ['an encoding that nobody knows', { metadata: { encoding: Buffer.from('x/y') }, data: Buffer.from('?') }],
  ['nothing at all', {}],
])('a header with %s changes nothing', async (_, bad) => {
  const { outcome, spans } = await traced({ start: bad })
  expect(outcome).toBe('succeeded')
  expect(spans.map(({ name }) => name)).toEqual(['RunWorkflow:upgrade'])
})
