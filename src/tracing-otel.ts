import {
  context,
  diag,
  DiagLogLevel,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Span,
  type Tracer,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { detectResourcesSync, envDetectorSync, Resource } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-node'
import {
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryActivityOutboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
} from '@temporalio/interceptors-opentelemetry'
import type { InjectedSinks } from '@temporalio/worker'
import type { Api } from './api/types'
import { RefitError } from './domain/errors'
import { withoutSecrets } from './tracing-cleaned'
import { spanOf } from './tracing-workflows'
import type { Tracing } from './tracing'
import type { TraceSinks } from './workflows/trace-interceptor'

/** A process that ends must not wait for a collector that is away. */
const flushMs = 3_000

/** Sends spans to the collector that the OTEL_* variables of the process name. */
export function startOpenTelemetry({
  process,
  version,
  warn,
}: {
  process: string
  version: string
  warn: (message: string) => void
}): Tracing {
  const said = (message: string): void => warn(`OpenTelemetry: ${message}`)
  diag.setLogger(
    { error: said, warn: said, info: () => undefined, debug: () => undefined, verbose: () => undefined },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
  const named = new Resource({ 'service.name': `refit-${process}`, 'service.version': version })
  // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
  const resource = named.merge(detectResourcesSync({ detectors: [envDetectorSync] }))
  // A command whose collector hangs must end, too.
  const exporter = new OTLPTraceExporter(process === 'cli' ? { timeoutMillis: flushMs } : {})
  const processor = withoutSecrets(new BatchSpanProcessor(exporter))
  const provider = new NodeTracerProvider({ resource, spanProcessors: [processor] })
  provider.register()
  const tracer = provider.getTracer('refit', version)

  const span = <T>(name: string, work: () => Promise<T>): Promise<T> =>
    tracer.startActiveSpan(name, async (started) => {
      try {
        return await work()
      } catch (error) {
        fail(started, error)
        throw error
      } finally {
        started.end()
      }
    })
  return {
    isOn: true,
    span,
    around: (name, client) => around(client, tracer, name),
    headers() {
      const carrier: Record<string, string> = {}
      propagation.inject(context.active(), carrier)
      return carrier
    },
    requests: (app) => traceRequests(app, tracer),
    client: { workflow: [new OpenTelemetryWorkflowClientInterceptor()] },
    worker: {
      interceptors: {
        activity: [
          (activity) => ({
            inbound: new OpenTelemetryActivityInboundInterceptor(activity),
            outbound: new OpenTelemetryActivityOutboundInterceptor(activity),
          }),
        ],
      },
      sinks: sinksOf(processor, resource),
    },
    async stop() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, flushMs).unref())
      await Promise.race([provider.shutdown().catch((error: unknown) => said(String(error))), late])
      for (const api of [trace, context, propagation, diag]) api.disable()
    },
  }
}

/** The error's code; its text is for the log. */
function fail(span: Span, error: unknown): void {
  const code = error instanceof RefitError ? error.code : error instanceof Error ? error.name : 'unknown'
  span.setAttribute('error.type', code)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/** Each method that answers later, as a span where one runs around it. Background work makes no traces of its own. */
function around<T extends object>(client: T, tracer: Tracer, of: string): T {
  const wrapped: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(client)) {
    const call = member as (...args: unknown[]) => unknown
    wrapped[name] =
      typeof member === 'function' ? calls(`${of} ${name}`, (args) => call.apply(client, args), tracer) : member
  }
  return wrapped as T
}

const calls =
  (name: string, call: (args: unknown[]) => unknown, tracer: Tracer) =>
  (...args: unknown[]): unknown => {
    if (trace.getActiveSpan() === undefined) return call(args)
    const span = tracer.startSpan(name, { kind: SpanKind.CLIENT })
    const answer = context.with(trace.setSpan(context.active(), span), () => call(args))
    // A span that is never ended is never sent.
    if (!(answer instanceof Promise)) return answer
    return answer
      .catch((error: unknown) => {
        fail(span, error)
        throw error
      })
      .finally(() => span.end())
  }

const probes = new Set(['/livez', '/readyz', '/metrics'])

function traceRequests(app: Api, tracer: Tracer): void {
  const spans = new WeakMap<object, Span>()
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, routeOptions, headers } = request
    // The route as it is written: paths of webhooks are capabilities.
    const route = routeOptions.url ?? 'unknown'
    if (probes.has(route)) return done()
    const attributes = { 'http.request.method': method, 'http.route': route }
    const parent = propagation.extract(context.active(), headers)
    spans.set(request, tracer.startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent))
    done()
  })
  // Not sooner: who reads a body comes back without the context.
  app.addHook('preHandler', (request, _reply, done) => {
    const span = spans.get(request)
    if (span) context.with(trace.setSpan(context.active(), span), done)
    else done()
  })
  app.addHook('onResponse', async (request, { statusCode }) => {
    const span = spans.get(request)
    span?.setAttribute('http.response.status_code', statusCode)
    if (statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR })
    span?.end()
  })
}

function sinksOf(processor: SpanProcessor, resource: Resource): InjectedSinks<TraceSinks> {
  return {
    traces: { ended: { fn: (info, told) => processor.onEnd(spanOf(told, info, resource)), callDuringReplay: false } },
  }
}
