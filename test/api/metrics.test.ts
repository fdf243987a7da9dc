import { Registry } from 'prom-client'
import { samplesOf } from '../support/figures'
import { hook, serve } from './support'

const measured = () => {
  const registry = new Registry()
  return { registry, contentType: registry.contentType, text: () => registry.metrics() }
}
const serving = async (deps: Parameters<typeof serve>[0] = {}) => {
  const metrics = measured()
  const { app, log } = await serve({ ...deps, metrics })
  return { app, log, samples: async () => samplesOf(await metrics.text()) }
}
const count = (method: string, route: string, status: number) =>
  `refit_api_request_seconds_count{method="${method}",route="${route}",status="${status}"}`

test('/metrics has Prometheus format', async () => {
  const { app } = await serving()
  const answer = await app.inject('/metrics')
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  expect(answer.body).toContain('# TYPE refit_api_request_seconds histogram')
})

test('without metrics there is no such route', async () => {
  expect((await (await serve()).app.inject('/metrics')).statusCode).toBe(404)
})

test('where others than this machine can ask it needs a token', async () => {
  const { app } = await serving({ isLocal: false })
  const answer = await app.inject('/metrics')
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([401, 'UNAUTHENTICATED'])
})

test.each([
  ['GET', '/livez', '/livez', 200],
  ['GET', '/explain/hub/nobody', '/explain/:namespace/:service', 404],
  ['GET', '/api/v1/me', '/api/v1/me', 401],
  ['POST', '/api/v1/services/hub/ledger/approve', '/api/v1/services/:namespace/:service/approve', 401],
  ['GET', '/nothing/here', 'unknown', 404],
] as const)('%s %s is counted under its route', async (method, url, route, status) => {
  const { app, samples } = await serving()
  await app.inject({ method, url })
  expect(await samples()).toMatchObject({ [count(method, route, status)]: 1 })
})

test('no path of a webhook is in the metrics: it is a capability', async () => {
  const { app, samples } = await serving({ webhooks: [hook('quay')] })
  await app.inject({ method: 'POST', url: '/webhooks/quay/0123456789abcdef', payload: {} })
  expect(JSON.stringify(await samples())).not.toContain('0123456789abcdef')
})

test('how long somebody looks at a stream is no request, and one that is refused is', async () => {
  const { app, samples } = await serving()
  const accept = 'text/event-stream'
  await app.inject({ url: '/livez', headers: { accept } })
  await app.inject({ url: '/api/v1/me', headers: { accept } })
  expect(await samples()).not.toHaveProperty([count('GET', '/livez', 200)])
  expect(await samples()).toHaveProperty([count('GET', '/api/v1/me', 401)], 1)
})

test('a scrape is no news for the log', async () => {
  const { app, log } = await serving()
  await app.inject('/metrics')
  const line = log()
    .split('\n')
    .find((each) => each.includes('"/metrics"'))
  expect(JSON.parse(line ?? '{}')).toMatchObject({ level: 20, msg: 'request' })
})
