import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import getPort from 'get-port'
import { sources } from '../../demo/refit'
import { type Collector, startCollector, type ToldSpan } from '../support/collector'
import { samplesOf } from '../support/figures'
import { testPrometheus, type TestPrometheus } from '../support/prometheus'
import { dashboardQueries, filled, metricsIn, metricsOf, rules } from '../support/promql'
import { openSimulatedHub, type SimulatedHub, simulatedConfig, until } from '../support/simulated-hub'

/** One service, upgraded once by a token over the HTTP API, with metrics and traces on everywhere. */
const name = 'observed'
let hub: SimulatedHub
let collector: Collector
let server: ChildProcess
let prometheus: TestPrometheus
let token: string
const at = { worker: '', server: '', temporal: '' }

const scrape = async (address: string): Promise<string> => {
  const answer = await fetch(`http://${address}/metrics`)
  expect(answer.status).toBe(200)
  return answer.text()
}

beforeAll(async () => {
  collector = await startCollector()
  hub = await openSimulatedHub(simulatedConfig({ approve: [name] }))
  for (const each of Object.keys(at) as (keyof typeof at)[])
    at[each] = `127.0.0.1:${await getPort({ host: '127.0.0.1' })}`
  Object.assign(hub.env, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '200',
    REFIT_TEMPORAL_METRICS_ADDRESS: at.temporal,
    REFIT_SERVER_ADDRESS: at.server,
  })
  await hub.deploy(name)
  await hub.startWorker()
  at.worker = hub.healthAddress
  server = spawn(process.execPath, [...sources, '--config', hub.configFile, 'server'], {
    ...{ env: hub.env, stdio: 'ignore' },
  })
  await until(() =>
    fetch(`http://${at.server}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  token = (
    JSON.parse((await hub.refit('token', 'create', 'ana', '--scope', 'approver', '-o', 'json')).stdout) as {
      secret: string
    }
  ).secret
  await hub.scanned()
  await hub.push(name, 'v1.1.0')
  const { planHash } = await hub.upgradeWhere(name, ({ phase }) => phase === 'approval')
  hub.env.REFIT_TOKEN = token
  const approved = await hub.refit('approve', name, '--plan', planHash, '--server', `http://${at.server}`)
  expect(approved).toMatchObject({ code: 0 })
  await hub.upgradeWhere(name, ({ outcome }) => outcome === 'succeeded')
  prometheus = await testPrometheus(at.worker)
})

afterAll(async () => {
  if (server?.exitCode === null && server.kill('SIGKILL')) await once(server, 'exit')
  await prometheus?.remove()
  await hub?.close()
  await collector?.close()
})

const span = (name: string, process?: string): Promise<ToldSpan> =>
  until(() =>
    Promise.resolve(
      collector.spans().find((each) => each.name === name && (process === undefined || each.process === process)),
    ),
  )

describe('metrics', () => {
  test('the worker counts what it did, and says how the hub stands', async () => {
    const labels = 'hub="test-hub",environment="test"'
    expect(samplesOf(await scrape(at.worker))).toMatchObject({
      [`refit_upgrades_ended_total{outcome="succeeded",phase="bake",${labels}}`]: 1,
      [`refit_upgrade_seconds_count{outcome="succeeded",${labels}}`]: 1,
      [`refit_upgrades_on_record{outcome="succeeded",${labels}}`]: 1,
      [`refit_detect_seconds_count{${labels}}`]: 1,
      [`refit_store_up{${labels}}`]: 1,
    })
  })

  test('the server counts requests, and says the same of the hub', async () => {
    const samples = samplesOf(await scrape(at.server))
    const approvals = Object.entries(samples).filter(
      ([name]) => name.startsWith('refit_api_request_seconds_count') && name.includes('/approve'),
    )
    expect(approvals.map(([, count]) => count)).toEqual([1])
    expect(samples['refit_upgrades_on_record{outcome="succeeded",hub="test-hub",environment="test"}']).toBe(1)
  })

  test('every metric of Temporal that the rules and the dashboard name is there, or is known to its SDK', async () => {
    const queries = [...rules().map(({ expr }) => expr), ...dashboardQueries()]
    const named = [...new Set(queries.flatMap(metricsIn))].filter((each) => each.startsWith('temporal_'))
    const there = metricsOf(await scrape(at.temporal))
    // A failure has no line before the first one, so its name is looked for in the SDK itself.
    const sdk = readFileSync(sdkLibrary())
    const bare = (metric: string): string =>
      metric.replace(/^temporal_/, '').replace(/(_seconds)?(_bucket|_sum|_count|_total)?$/, '')
    expect(named.length).toBeGreaterThan(2)
    expect(named.filter((each) => !there.has(each) && !sdk.includes(bare(each)))).toEqual([])
    expect([...there]).toEqual(expect.arrayContaining(named.filter((each) => !each.includes('failed'))))
    expect(await scrape(at.temporal)).toContain('hub="test-hub"')
  })

  test('Prometheus reads it, and answers every query of the dashboard about the hub now', async () => {
    const asked = async (query: string): Promise<{ status: string }> =>
      (await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`)).json() as Promise<{
        status: string
      }>
    await until(async () => JSON.stringify(await asked('refit_store_up')).includes('test-hub'))
    for (const query of dashboardQueries()) expect(await asked(filled(query))).toMatchObject({ status: 'success' })
  })
})

describe('traces', () => {
  test('an approval is followed from the CLI over the API to the upgrade', async () => {
    const command = await span('refit approve', 'refit-cli')
    const request = await span('POST /api/v1/services/:namespace/:service/approve', 'refit-server')
    const update = await span('StartWorkflowUpdate:approve', 'refit-server')
    const handled = await span('HandleUpdate:approve', 'refit-worker')
    expect(command.parentSpanId).toBeUndefined()
    for (const each of [request, update, handled]) expect(each.traceId).toBe(command.traceId)
    expect([request.parentSpanId, update.parentSpanId, handled.parentSpanId]).toEqual([
      ...[command.spanId, request.spanId, update.spanId],
    ])
    expect(handled.links).toEqual([(await span('RunWorkflow:upgrade')).spanId])
  })

  test('an upgrade is followed over its activities to the calls of Kubernetes and of the registry', async () => {
    const run = await span('RunWorkflow:upgrade', 'refit-worker')
    const rollout = await span('RunActivity:rollout', 'refit-worker')
    expect(run.traceId).toBe(String(run.attributes.run_id).replaceAll('-', ''))
    expect(rollout).toMatchObject({ traceId: run.traceId, parentSpanId: run.spanId })
    const calls = collector.spans().filter(({ parentSpanId }) => parentSpanId === rollout.spanId)
    expect(calls.map(({ name }) => name)).toEqual(expect.arrayContaining([expect.stringMatching(/^kubernetes /)]))
    expect(collector.spans().map(({ name }) => name)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^registry /)]),
    )
  })

  test('the upgrade points at the scan that started it, whose trace is its own', async () => {
    const scans = collector.spans().filter(({ name }) => name === 'RunWorkflow:scan')
    const run = await span('RunWorkflow:upgrade')
    expect(run.links).toHaveLength(1)
    await until(() =>
      Promise.resolve(
        collector.spans().some(({ name, spanId }) => name === 'RunWorkflow:scan' && spanId === run.links[0]),
      ),
    )
    expect(scans.every(({ traceId }) => traceId !== run.traceId)).toBe(true)
  })

  test('no secret is in them', () => {
    const text = collector.text()
    const password = new URL(hub.env.DATABASE_URL ?? '').password
    for (const secret of [token, hub.env.ALERT_KEY, password, hub.env.DATABASE_URL])
      expect([secret, text.includes(String(secret))]).toEqual([secret, false])
  })
})

function sdkLibrary(): string {
  const core = dirname(require.resolve('@temporalio/core-bridge/package.json'))
  const machine = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-gnu`
  return join(core, 'releases', machine, 'index.node')
}
