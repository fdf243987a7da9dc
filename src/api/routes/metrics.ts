import { Histogram } from 'prom-client'
import { z } from 'zod'
import { guarded } from '../auth'
import { problems } from '../schemas'
import type { Api, ApiMetrics } from '../types'

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 35]

/**
 * Counts every request by method, route and status, and serves `/metrics`. It tells of registries, targets and what waits,
 * so where others than this machine can ask it needs a token of scope viewer.
 */
export function metricRoutes(app: Api, metrics: ApiMetrics, { isLocal }: { isLocal: boolean }): void {
  const requests = new Histogram({
    name: 'refit_api_request_seconds',
    help: 'How long requests to the HTTP API took, but for streams. Their number is refit_api_request_seconds_count.',
    labelNames: ['method', 'route', 'status'],
    buckets,
    registers: [metrics.registry],
  })
  app.addHook('onResponse', async ({ method, headers, routeOptions }, reply) => {
    // A stream lasts as long as somebody looks.
    if (reply.statusCode === 200 && headers.accept?.includes('text/event-stream')) return
    // The route as it is written, never the path: paths of webhooks are capabilities, and without end.
    const labels = { method, route: routeOptions.url ?? 'unknown', status: String(reply.statusCode) }
    requests.observe(labels, reply.elapsedTime / 1_000)
  })
  const { config: scope, security, problems: refusals } = guarded('viewer')
  const schema = {
    summary: 'numbers for Prometheus',
    tags: ['health'],
    ...(isLocal ? {} : { security }),
    response: {
      200: { description: "Prometheus' text format", content: { 'text/plain': { schema: z.string() } } },
      ...(isLocal ? {} : { ...refusals, ...problems({ 503: 'the store is away, so that no token can be checked' }) }),
    },
  }
  app.get('/metrics', { schema, ...(isLocal ? {} : { config: scope }) }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  )
}
