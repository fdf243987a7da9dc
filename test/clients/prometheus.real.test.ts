import { queryRange } from '../../src/clients/prometheus'
import type { MetricCheck } from '../../src/domain/health-check'
import { judgeMetric, stepMsOf } from '../../src/domain/health-metric'
import { answer, startHttpServer, type TestServer } from '../support/http-server'
import { type TestPrometheus, testPrometheus } from '../support/prometheus'
import { until } from '../support/simulated-hub'

const check: MetricCheck = { prometheus: '${PROM}', query: 'sum(sick)', max: 1, overMs: 1_500, samples: 3 }
let service: TestServer
let server: TestPrometheus
let environment: Record<string, string>

const exposes = (sick: number) =>
  service.answerByDefault(answer(200, `sick{pod="a"} ${sick}\nsick{pod="b"} 0\nidle{pod="a"} 0\n`))

/** Asks as a bake does, over the last moments. */
const ask = (query = check.query) => {
  const to = Date.now()
  return queryRange(
    { prometheus: check.prometheus, query, from: to - check.overMs, to, stepMs: stepMsOf(check) },
    environment,
  )
}
const verdict = async () => judgeMetric(check, { now: await ask(), elapsedMs: Infinity })

beforeAll(async () => {
  service = await startHttpServer()
  exposes(0)
  server = await testPrometheus(new URL(service.url).host)
  environment = { PROM: server.url }
  await until(async () => (await verdict()).kind === 'ok')
})

afterAll(async () => {
  await server?.remove()
  await service?.close()
})

test('a real Prometheus’ values are good, then bad, and their mean is told', async () => {
  exposes(5)
  const bad = await until(async () => {
    const now = await verdict()
    return now.kind === 'bad' ? now : undefined
  })
  expect(bad.sentence).toMatch(/^sum\(sick\) is [\d.]+ over 2 s, at most 1$/)
})

test('0/0 gives no value to go by, several series are counted, and what has no series is empty', async () => {
  expect(judgeMetric(check, { now: await ask('sum(idle) / sum(idle)'), elapsedMs: Infinity })).toMatchObject({
    kind: 'unknown',
  })
  expect(await ask('sick')).toMatchObject({ series: 2 })
  expect(await ask('nothing')).toEqual({ series: 0, values: [] })
})

test('a query that it can’t parse is told in its words', async () => {
  const answered = await ask('sum(')
  expect(answered).toMatchObject({ error: expect.stringContaining('parse error') as string })
})
