import { createServer, type ServerResponse } from 'node:http'
import type { Worker } from '@temporalio/worker'
import { parseAddress } from './domain/address'
import type { Metrics } from './metrics'

/**
 * `/livez` says that the process turns and its worker hasn't failed; `/readyz` that it polls; `/metrics` is for Prometheus.
 * `address` is `host:port`; empty means no server. Returns the function that closes it.
 */
export async function startHealthServer(
  address: string,
  worker: Pick<Worker, 'getState'>,
  metrics: Pick<Metrics, 'contentType' | 'text'>,
): Promise<() => Promise<void>> {
  const place = parseAddress(address)
  if (!place) return () => Promise.resolve()
  const server = createServer((request, response) => {
    if (request.url === '/metrics') return void answerMetrics(metrics, response)
    const ok =
      request.url === '/readyz'
        ? worker.getState() === 'RUNNING'
        : request.url === '/livez'
          ? worker.getState() !== 'FAILED'
          : undefined
    response
      .writeHead(ok === undefined ? 404 : ok ? 200 : 503, { 'content-type': 'text/plain' })
      .end(`${worker.getState()}\n`)
  })
  server.requestTimeout = 5_000
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(place.port, place.host, resolve))
  return () => new Promise((resolve) => server.close(() => resolve()))
}

async function answerMetrics(
  { contentType, text }: Pick<Metrics, 'contentType' | 'text'>,
  response: ServerResponse,
): Promise<void> {
  try {
    const body = await text()
    response.writeHead(200, { 'content-type': contentType }).end(body)
  } catch {
    response.writeHead(500, { 'content-type': 'text/plain' }).end('the metrics could not be put together\n')
  }
}
