import { SpanKind, SpanStatusCode, TraceFlags, type HrTime, type SpanContext } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node'
import type { TraceContext } from './domain/trace-context'
import type { WorkflowSpan } from './workflows/trace-interceptor'

/** What a workflow told of itself as a span. Its times are those of its history. */
export function spanOf(
  { name, context, parentSpanId, links, start, end, failed }: WorkflowSpan,
  { workflowId, runId }: { workflowId: string; runId: string },
  resource: Resource,
): ReadableSpan {
  const found = spanContextOf(context)
  return {
    name,
    kind: SpanKind.INTERNAL,
    spanContext: () => found,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    startTime: timeOf(start),
    endTime: timeOf(end),
    duration: timeOf(Math.max(0, end - start)),
    status: { code: failed ? SpanStatusCode.ERROR : SpanStatusCode.OK },
    // As the SDK's other spans name them.
    attributes: { temporalWorkflowId: workflowId, run_id: runId },
    links: links.map((link) => ({ context: spanContextOf(link) })),
    events: [],
    ended: true,
    resource,
    instrumentationLibrary: { name: 'refit-workflow' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

const spanContextOf = ({ traceId, spanId, sampled }: TraceContext): SpanContext => ({
  ...{ traceId, spanId },
  traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
})

const timeOf = (ms: number): HrTime => [Math.floor(ms / 1_000), (ms % 1_000) * 1_000_000]
