import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Api } from '../src/api/types'
import { RefitError } from '../src/domain/errors'
import { startTracing, tracedCommand, tracing, wantsTraces } from '../src/tracing'
import { serve } from './api/support'
import { type Collector, startCollector } from './support/collector'

const root = join(__dirname, '..')
const about = { process: 'server' as const, version: '1.2.3', warn: () => undefined }

describe('without a collector', () => {
  test.each([
    [{}, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_SDK_DISABLED: 'true' }, false],
  ])('%j wants traces: %s', (env, wanted) => {
    expect(wantsTraces(env)).toBe(wanted)
  })

  test('work is done, and nobody hears of it', async () => {
    const client = { ask: () => Promise.resolve(7) }
    const { span, around, headers, isOn } = startTracing({}, about)
    expect([await span('work', () => Promise.resolve(7)), around('a', client), headers(), isOn]).toEqual([
      ...[7, client, {}, false],
    ])
    expect(await tracedCommand({}, { name: 'status', version: '1' }, () => Promise.resolve(0))).toBe(0)
  })

  test('nothing of OpenTelemetry is loaded by worker, server and CLI but its empty API, which prom-client wants', () => {
    const program = `for (const each of ['worker', 'server', 'cli/main', 'clients/refit-api']) require('./src/' + each)
      process.stdout.write(Object.keys(require.cache).filter((file) => /opentelemetry(?!\\/api\\/)/.test(file)).join(' '))`
    const said = execFileSync(process.execPath, ['--import', require.resolve('tsx'), '-e', program], { cwd: root })
    expect(said.toString()).toBe('')
  })
})

describe('with a collector', () => {
  let collector: Collector
  const before = process.env.OTEL_EXPORTER_OTLP_ENDPOINT
  beforeEach(async () => {
    collector = await startCollector()
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url
  })
  afterEach(async () => {
    await tracing().stop()
    await collector.close()
    if (before === undefined) delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT
    else process.env.OTEL_EXPORTER_OTLP_ENDPOINT = before
  })
  const span = (name: string) => collector.spans().find((each) => each.name === name)

  test('work within work is a span within a span, and a process sends what is left when it ends', async () => {
    const { span: within, stop } = startTracing(process.env, about)
    await within('outer', () => within('inner', () => Promise.resolve()))
    await stop()
    expect(span('inner')).toMatchObject({
      ...{ traceId: span('outer')?.traceId, parentSpanId: span('outer')?.spanId, process: 'refit-server' },
    })
    expect(tracing().isOn).toBe(false)
  })

  test('an error keeps its way, and only its code is told', async () => {
    const error = new RefitError('DATABASE_UNAVAILABLE', 'S3CRET is away', 'Start it.')
    const { span: within, stop } = startTracing(process.env, about)
    await expect(within('fails', () => Promise.reject(error))).rejects.toBe(error)
    await stop()
    expect(span('fails')).toMatchObject({ failed: true, attributes: { 'error.type': 'DATABASE_UNAVAILABLE' } })
    expect(collector.text()).not.toContain('S3CRET')
  })

  test("a client's calls are spans within work and none without; what answers at once is none", async () => {
    const { around, span: within, stop } = startTracing(process.env, about)
    const client = around('registry', {
      tags: (repository: string) => Promise.resolve([repository]),
      fails: () => Promise.reject(new TypeError('S3CRET')),
      requests: () => 3,
      host: 'r.example.org',
    })
    expect(await client.tags('hub/S3CRET')).toEqual(['hub/S3CRET'])
    await within('work', async () => {
      expect(await client.tags('hub/S3CRET')).toEqual(['hub/S3CRET'])
      await expect(client.fails()).rejects.toThrow('S3CRET')
      expect([client.requests(), client.host]).toEqual([3, 'r.example.org'])
    })
    await stop()
    const work = span('work')?.spanId
    expect(collector.spans().map(({ name, parentSpanId, failed }) => [name, parentSpanId, failed])).toEqual([
      ['registry tags', work, false],
      ['registry fails', work, true],
      ['work', undefined, false],
    ])
    expect(collector.text()).not.toContain('S3CRET')
  })

  test('a request to the API is a span within that of who asks, by its route; a probe is none', async () => {
    const traces = startTracing(process.env, about)
    const { app } = await serve({ traces: { requests: (api: Api) => traces.requests?.(api) } })
    await traces.span('refit explain', () => app.inject({ url: '/explain/hub/S3CRET', headers: traces.headers() }))
    await app.inject('/livez')
    await traces.stop()
    expect(span('GET /explain/:namespace/:service')).toMatchObject({
      parentSpanId: span('refit explain')?.spanId,
      attributes: { 'http.route': '/explain/:namespace/:service', 'http.response.status_code': 404 },
    })
    expect(collector.spans()).toHaveLength(2)
    expect(collector.text()).not.toContain('S3CRET')
  })

  test('a command is the root of a trace', async () => {
    await tracedCommand(process.env, { name: 'scan', version: '1' }, () => Promise.resolve(0))
    expect(span('refit scan')).toMatchObject({ process: 'refit-cli', failed: false })
    expect(span('refit scan')?.parentSpanId).toBeUndefined()
  })

  test('a collector that is away keeps nobody waiting for long', async () => {
    await collector.close()
    await tracedCommand(process.env, { name: 'scan', version: '1' }, () => Promise.resolve(0))
  })
})
