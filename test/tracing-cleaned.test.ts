import { trace } from '@opentelemetry/api'
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import { ApplicationFailure } from '@temporalio/common'
import { RefitError } from '../src/domain/errors'
import { withoutSecrets } from '../src/tracing-cleaned'
import { spanOf } from '../src/tracing-workflows'

/** What is sent of a span in which a library recorded this error. */
function told(error: Error) {
  const exporter = new InMemorySpanExporter()
  const provider = new NodeTracerProvider({ spanProcessors: [withoutSecrets(new SimpleSpanProcessor(exporter))] })
  const span = provider.getTracer('test').startSpan('work')
  span.recordException(error)
  span.setStatus({ code: 2, message: error.message })
  span.end()
  const [sent] = exporter.getFinishedSpans()
  return { attributes: sent?.events[0]?.attributes, status: sent?.status }
}

test.each([
  ['an error of the network', Object.assign(new Error('connect S3CRET@db'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  ['an error of PostgreSQL', Object.assign(new Error('duplicate S3CRET'), { code: '23505' }), '23505'],
  ['any other error', new TypeError('S3CRET is no function'), 'TypeError'],
])('of %s only the kind is told', (_, error, kind) => {
  const { attributes, status } = told(error)
  expect([attributes, status]).toEqual([{ 'exception.type': kind }, { code: 2 }])
})

test.each([
  ['of Refit', new RefitError('PLAN_CHANGED', 'another plan waits', 'Read it.')],
  ['of an activity', ApplicationFailure.create({ message: 'another plan waits', type: 'PLAN_CHANGED' })],
])('the words of an error %s are told, without its stack', (_, error) => {
  const { attributes, status } = told(error)
  expect(attributes).toMatchObject({ 'exception.message': 'another plan waits' })
  expect(attributes).not.toHaveProperty(['exception.stacktrace'])
  expect(status?.message).toBe('another plan waits')
})

test('a workflow is a span of its own clock', () => {
  const context = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), sampled: true }
  const resource = new NodeTracerProvider().resource as Parameters<typeof spanOf>[2]
  const span = spanOf(
    {
      ...{ name: 'RunWorkflow:upgrade', context, parentSpanId: '3'.repeat(16), start: 1_500, end: 4_250, failed: true },
      links: [{ ...context, spanId: '4'.repeat(16), sampled: false }],
    },
    { workflowId: 'refit/upgrade/hub/ledger', runId: 'r' },
    resource,
  )
  expect(trace.wrapSpanContext(span.spanContext()).isRecording()).toBe(false)
  expect(span).toMatchObject({
    ...{ startTime: [1, 500_000_000], endTime: [4, 250_000_000], duration: [2, 750_000_000], status: { code: 2 } },
    attributes: { temporalWorkflowId: 'refit/upgrade/hub/ledger', run_id: 'r' },
    links: [{ context: { spanId: '4'.repeat(16), traceFlags: 0 } }],
  })
})
