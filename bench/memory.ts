/**
 * The memory of the built worker and the built server over thousands of upgrades: every upgrade is scanned, planned,
 * approved over the server's HTTP API, checked, patched, watched, baked (0 s) and recorded, and its alerts are sent.
 *
 * Real are worker, server, Temporal, PostgreSQL and all of Refit's clients; made up are the API server and the registry
 * they talk to, because a cluster of simulated nodes would take most of the time. The server is asked meanwhile what a page
 * asks, with a stream of changes open. Every tenth release crashes and is rolled back. Last line: JSON; `--out` has the samples, too.
 *   --upgrades N (10000)   --services N (50)   --minutes N: stop after these and report what was done   --heap MiB (256)   --out FILE
 */
import type { ChildProcess } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Client, Connection } from '@temporalio/client'
import getPort from 'get-port'
import pLimit from 'p-limit'
import { Refit, refitEnvironment } from '../demo/refit'
import { taskQueue } from '../src/domain/temporal-names'
import { createStore } from '../src/store'
import type { Store, UpgradeRow } from '../src/store/contracts'
import { down, up, type Stack } from '../stack'
import { type MadeUpCluster, madeUpCluster } from '../test/support/made-up-cluster'
import { type MadeUpRegistry, madeUpRegistry } from '../test/support/made-up-registry'
import { secretOf } from '../test/support/tokens'
import { rounded } from './median'
import { configText, heapMiB, receiver, residentMiB, servicesOf, startServer, until } from './memory-hub'
import { type Sample, slopeOf } from './memory-slope'
import { workerSettings } from './worker-settings'

const name = 'bench-memory'
const sampleEveryMs = 5_000
/** Of each repository. */
const keptTags = 20
/** Each of these releases is a bad one. */
const badEvery = 10

const { values } = parseArgs({
  options: {
    upgrades: { type: 'string', default: '10000' },
    services: { type: 'string', default: '50' },
    minutes: { type: 'string', default: '600' },
    heap: { type: 'string', default: '256' },
    out: { type: 'string' },
  },
})
const wanted = Number(values.upgrades)
const services = Number(values.services)
const say = (line: string): void => void process.stderr.write(`${line}\n`)

const settings = workerSettings(values.heap)

const all = servicesOf(services)

interface Bench {
  stack: Stack
  store: Store
  client: Client
  cluster: MadeUpCluster
  registry: MadeUpRegistry
  serverUrl: string
  token: string
  done: number
}

async function main(): Promise<void> {
  await down(name, { purge: true, progress: () => undefined })
  const stack = await up({ name, node: 'simulated', parts: ['temporal', 'postgres'], yes: true })
  try {
    const { samples, ...result } = await measure(stack)
    if (values.out) await writeFile(values.out, JSON.stringify({ ...result, samples }))
    process.stdout.write(`${JSON.stringify(result)}\n`)
  } finally {
    await down(name, { purge: true })
  }
}

async function measure(stack: Stack) {
  await stack.postgres.createDatabase('refit')
  const registry = await madeUpRegistry()
  const tagOf = (image: string): string => /:([^:@/]+)(?:@|$)/.exec(image)?.[1] ?? ''
  const pathOf = (image: string): string => image.replace(`${registry.host}/`, '').replace(/[:@].*$/, '')
  const cluster = await madeUpCluster({
    behaviourOf: (image) => (isBad(Number(tagOf(image).split('.').at(-1))) ? 'crash-loop' : 'healthy'),
    digestOf: (image) => registry.digestOf(pathOf(image), tagOf(image)),
  })
  const alerts = await receiver()
  const configFile = join(stack.stateDir, 'refit.yaml')
  await writeFile(
    configFile,
    configText(
      all.map(({ namespace }) => namespace),
      alerts.url,
    ),
  )
  const env = {
    ...{ ...refitEnvironment(stack), ...settings, ALERT_KEY: 'a-key-of-the-bench-only' },
    ...{ REGISTRY: registry.host, REFIT_KUBECONFIG: cluster.kubeconfig },
  }
  const healthAddress = `127.0.0.1:${await getPort()}`
  const refit = new Refit({ configFile, env, healthAddress, logFile: join(stack.stateDir, 'worker.log') })
  const store = createStore(stack.postgres.url('refit'))
  const connection = await Connection.connect({ address: stack.temporal.address })
  const serverAddress = `127.0.0.1:${await getPort()}`
  let server: ChildProcess | undefined
  const ending = new AbortController()
  try {
    await store.migrate()
    for (const { namespace, name: service, repository } of all) {
      registry.publish(repository, 'v1.0.0')
      cluster.deploy({ namespace, name: service, image: `${registry.host}/${repository}:v1.0.0` })
    }
    const workerPid = await refit.startWorker()
    server = await startServer({ configFile, env, address: serverAddress, logFile: join(stack.stateDir, 'server.log') })
    const token = await secretOf(store, 'ops@example.org', 'approver')
    const bench: Bench = {
      ...{ stack, store, cluster, registry, token, done: 0 },
      ...{ client: new Client({ connection }), serverUrl: `http://${serverAddress}` },
    }
    const samples: Sample[] = []
    const sampling = repeat(ending.signal, sampleEveryMs, async () => {
      const sample = await sampleOf(bench, { workerPid, serverPid: server?.pid ?? 0, healthAddress })
      samples.push(sample)
    })
    const asking = repeat(ending.signal, 2_000, () => ask(bench))
    const stream = fetch(`${bench.serverUrl}/api/v1/changes`, {
      headers: { authorization: `Bearer ${token}` },
      signal: ending.signal,
    })
      .then((answer) => answer.text())
      .catch(() => undefined)
    const started = performance.now()
    const ended = await upgradeAll(bench, started)
    const seconds = (performance.now() - started) / 1_000
    ending.abort()
    await Promise.all([sampling, asking, stream])
    return resultOf(samples, { seconds, ended, alerts: alerts.count() })
  } finally {
    ending.abort()
    await refit.stopWorker('SIGKILL')
    server?.kill('SIGKILL')
    await connection.close()
    await store.close()
    await cluster.close()
    await registry.close()
    await alerts.close()
  }
}

const isBad = (release: number): boolean => release % badEvery === 2

/** One release of every service after the other, until so many upgrades have ended. */
async function upgradeAll(bench: Bench, started: number): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {}
  const limit = pLimit(16)
  for (let release = 1; bench.done < wanted; release += 1) {
    if (performance.now() - started > Number(values.minutes) * 60_000) break
    for (const { repository } of all) {
      bench.registry.publish(repository, `v1.0.${release}`)
      // As many tags all the time: a list that grows is no leak.
      bench.registry.remove(repository, `v1.0.${release - keptTags}`)
    }
    await bench.client.workflow.execute('scan', { taskQueue, workflowId: `scan-${release}` })
    const open = await until(async () => {
      const rows = await bench.store.upgrades.listOpen()
      return rows.length === services && rows.every(({ phase }) => phase === 'approval') && rows
    }, `${services} upgrades of v1.0.${release} wait for an approval`)
    await Promise.all(open.map((row) => limit(() => approve(bench, row))))
    await until(async () => (await bench.store.upgrades.listOpen()).length === 0, `v1.0.${release} has ended`)
    for (const { id } of open) {
      const outcome = (await bench.store.upgrades.read(id))?.outcome ?? 'none'
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
      const expected = isBad(release) ? 'rolled-back' : 'succeeded'
      if (outcome !== expected) throw new Error(`${id} ended ${outcome}, not ${expected}`)
    }
    bench.done += open.length
    const perSecond = bench.done / ((performance.now() - started) / 1_000)
    if (release % 5 === 0) say(`${bench.done} upgrades, ${rounded(perSecond)} a second`)
  }
  return outcomes
}

async function approve({ serverUrl, token }: Bench, { namespace, service, planHash }: UpgradeRow): Promise<void> {
  const answer = await fetch(`${serverUrl}/api/v1/services/${namespace}/${service}/approve`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ planHash }),
  })
  if (!answer.ok) throw new Error(`approve ${namespace}/${service}: ${answer.status} ${await answer.text()}`)
  await answer.arrayBuffer()
}

/** What an open page asks again and again. */
async function ask({ serverUrl, token }: Bench): Promise<void> {
  for (const path of ['/api/v1/services', '/api/v1/upgrades', '/api/v1/calendar', '/images/hub/service-1/v1.0.0']) {
    const answer = await fetch(`${serverUrl}${path}`, { headers: { authorization: `Bearer ${token}` } })
    await answer.arrayBuffer()
  }
}

async function sampleOf(
  { done, serverUrl }: Bench,
  of: { workerPid: number; serverPid: number; healthAddress: string },
): Promise<Sample> {
  const [worker, server, workerHeap, serverHeap] = await Promise.all([
    residentMiB(of.workerPid),
    residentMiB(of.serverPid),
    heapMiB(`http://${of.healthAddress}/metrics`),
    heapMiB(`${serverUrl}/metrics`),
  ])
  return { upgrades: done, worker, server, workerHeap, serverHeap }
}

function resultOf(
  samples: Sample[],
  { seconds, ended, alerts }: { seconds: number; ended: Record<string, number>; alerts: number },
) {
  const slope = (key: Exclude<keyof Sample, 'upgrades'>) => {
    const { perThousand, plusMinus, isFlat } = slopeOf(samples, key)
    return { perThousand: rounded(perThousand, 3), plusMinus: rounded(plusMinus, 3), isFlat }
  }
  const most = (key: Exclude<keyof Sample, 'upgrades'>): number => Math.max(...samples.map((each) => each[key]))
  const upgrades = Object.values(ended).reduce((sum, each) => sum + each, 0)
  return {
    ...{ bench: 'memory', upgrades, ended, alerts, services, seconds: Math.round(seconds) },
    upgradesPerSecond: rounded(upgrades / seconds),
    ...{ worker: slope('worker'), server: slope('server') },
    ...{ workerHeap: slope('workerHeap'), serverHeap: slope('serverHeap') },
    ...{
      workerPeakMiB: most('worker'),
      serverPeakMiB: most('server'),
      sampleCount: samples.length,
      memorySettings: settings,
    },
    samples,
  }
}

async function repeat(signal: AbortSignal, everyMs: number, turn: () => Promise<unknown>): Promise<void> {
  while (!signal.aborted) {
    await turn().catch((error: unknown) => say(`not asked: ${String(error)}`))
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say(error instanceof Error ? String(error.stack) : String(error))
    process.exit(1)
  },
)
