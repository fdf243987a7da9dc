/* eslint-disable @typescript-eslint/no-require-imports, @typescript-eslint/consistent-type-imports -- import() would ask for file extensions that tests and builds don't share */
import type { ClientInterceptors } from '@temporalio/client'
import type { WorkerOptions } from '@temporalio/worker'
import type { Api } from './api/types'

/** What this process tells of its work to OpenTelemetry (docs/metrics.md#traces), and how work elsewhere joins it. */
export interface Tracing {
  isOn: boolean
  /** Runs the work as a span, within whatever span runs around it. */
  span<T>(name: string, work: () => Promise<T>): Promise<T>
  /** The same client, whose calls are spans where one runs around them. Their arguments are not told. */
  around<T extends object>(name: string, client: T): T
  /** by which a request joins the trace */
  headers(): Record<string, string>
  /** requests to an HTTP API as spans */
  requests?: (app: Api) => void
  client: ClientInterceptors
  /** interceptors of activities, and what takes the spans of workflows */
  worker: Pick<WorkerOptions, 'interceptors' | 'sinks'>
  /** sends what is left */
  stop(): Promise<void>
}

const off: Tracing = {
  isOn: false,
  span: (_, work) => work(),
  around: (_, client) => client,
  headers: () => ({}),
  client: {},
  worker: {},
  stop: () => Promise.resolve(),
}

let current = off

/** Of this process: off until `startTracing` finds where to send to. */
export const tracing = (): Tracing => current

/** Whether the environment names an OpenTelemetry collector. */
export const wantsTraces = (env: NodeJS.ProcessEnv): boolean =>
  Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim() || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?.trim()) &&
  env.OTEL_SDK_DISABLED?.trim().toLowerCase() !== 'true'

/**
 * Begins to trace where OTEL_EXPORTER_OTLP_ENDPOINT says where to send spans to; otherwise nothing of its SDK is loaded. Once per process; `stop` it.
 */
export function startTracing(
  env: NodeJS.ProcessEnv,
  about: { process: 'worker' | 'server' | 'cli'; version: string; warn: (message: string) => void },
): Tracing {
  if (!wantsTraces(env)) return off
  const { startOpenTelemetry } = require('./tracing-otel') as typeof import('./tracing-otel')
  const started = startOpenTelemetry(about)
  current = {
    ...started,
    stop: async () => {
      current = off
      await started.stop()
    },
  }
  return current
}

/** Runs one command of the CLI as the root of a trace, where traces are wanted. */
export async function tracedCommand<T>(
  env: NodeJS.ProcessEnv,
  { name, version }: { name: string; version: string },
  run: () => Promise<T>,
): Promise<T> {
  if (!wantsTraces(env)) return run()
  const traces = startTracing(env, { process: 'cli', version, warn: () => undefined })
  try {
    return await traces.span(`refit ${name}`, run)
  } finally {
    await traces.stop()
  }
}
