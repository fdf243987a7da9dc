import { defaultPayloadConverter } from '@temporalio/common'
import {
  ContinueAsNew,
  type Headers,
  proxySinks,
  type Sinks,
  type WorkflowInterceptors,
  workflowInfo,
} from '@temporalio/workflow'
import { parseTraceparent, spanIdOf, type TraceContext, traceOfRun, traceparentOf } from '../domain/trace-context'

/** What a workflow tells of itself to its worker, to become a span there. */
export interface WorkflowSpan {
  name: string
  context: TraceContext
  parentSpanId?: string
  links: TraceContext[]
  /** epoch ms, of the workflow's clock */
  start: number
  end: number
  failed: boolean
}

export interface TraceSinks extends Sinks {
  traces: { ended(span: WorkflowSpan): void }
}

/** The header of @temporalio/interceptors-opentelemetry, whose client and activity interceptors are at the other ends. */
const header = '_tracer-data'

/**
 * Carries the trace through a workflow. In place of the SDK's own interceptor, which throws on a header that isn't JSON (a
 * signal's header would then fail its workflow task for ever), draws random numbers and delays commands by microtasks: here
 * nothing throws, waits or draws, so that a history replays with it and without it.
 */
export function interceptors(): WorkflowInterceptors {
  const { traces } = proxySinks<TraceSinks>()
  let own: TraceContext | undefined
  let signals = 0

  const carrying = <T extends { headers: Headers }>(input: T): T =>
    own
      ? {
          ...input,
          headers: {
            ...input.headers,
            [header]: defaultPayloadConverter.toPayload({ traceparent: traceparentOf(own) }),
          },
        }
      : input

  /** Tells of a piece of work when it ends, without keeping anybody waiting. */
  const telling = <T>(work: Promise<T>, span: Omit<WorkflowSpan, 'start' | 'end' | 'failed'>): Promise<T> => {
    const start = Date.now()
    const ended = (failed: boolean): void => {
      if (span.context.sampled) traces.ended({ ...span, start, end: Date.now(), failed })
    }
    work.then(
      () => ended(false),
      (error: unknown) => ended(!(error instanceof ContinueAsNew)),
    )
    return work
  }

  /** A message that came within a trace is told of there, and points here. */
  const message = <T>(work: Promise<T>, name: string, id: string, headers: Headers): Promise<T> => {
    const sender = contextIn(headers)
    if (!sender || !own) return work
    const context = { ...sender, spanId: spanIdOf(`${own.traceId}/${own.spanId}/${id}`) }
    return telling(work, { name, context, parentSpanId: sender.spanId, links: [own] })
  }

  return {
    inbound: [
      {
        execute(input, next) {
          const { runId, workflowType, parent, continuedFromExecutionRunId } = workflowInfo()
          const remote = contextIn(input.headers)
          // What a scan or a release starts lasts for days: a trace of its own, that points at who started it.
          const joins = remote !== undefined && (!parent || continuedFromExecutionRunId !== undefined)
          const alone = traceOfRun(runId)
          const context = { ...alone, ...(joins ? { traceId: remote.traceId } : {}), sampled: remote?.sampled ?? true }
          own = context
          return telling(next(input), {
            ...{ name: `RunWorkflow:${workflowType}`, context, links: remote && !joins ? [remote] : [] },
            ...(joins ? { parentSpanId: remote.spanId } : {}),
          })
        },
        handleUpdate: (input, next) =>
          message(next(input), `HandleUpdate:${input.name}`, `update/${input.updateId}`, input.headers),
        handleSignal: (input, next) =>
          message(next(input), `HandleSignal:${input.signalName}`, `signal/${(signals += 1)}`, input.headers),
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(carrying(input)),
        scheduleLocalActivity: (input, next) => next(carrying(input)),
        startChildWorkflowExecution: (input, next) => next(carrying(input)),
        signalWorkflow: (input, next) => next(carrying(input)),
        continueAsNew: (input, next) => next(carrying(input)),
      },
    ],
  }
}

/** Whoever may send a message may put anything there. */
function contextIn(headers: Headers): TraceContext | undefined {
  try {
    const payload = headers[header]
    if (!payload) return undefined
    const carrier = defaultPayloadConverter.fromPayload<{ traceparent?: unknown } | null>(payload)
    return parseTraceparent(carrier?.traceparent)
  } catch {
    return undefined
  }
}
