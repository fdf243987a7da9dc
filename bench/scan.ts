/**
 * A whole scan (observe, read, decide, keep, conclude, Temporal included) of 1,000 repositories in which nothing has
 * changed, against the floor: a bare HTTP client that asks the same URLs with the same concurrency, in turn in one run.
 * `ratio` is to Node's own `fetch`; `ratioToPool` to the fastest client known, undici's pool that keeps its connections
 * also after a HEAD. The first scan, which sees everything anew, is measured beside it. Last line: JSON, medians of five.
 *   --repositories N (1000)   --tags N: fill every list up to N tags   --heap MiB (160): the worker's heap limit
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Client, Connection } from '@temporalio/client'
import getPort from 'get-port'
import pLimit from 'p-limit'
import { Pool } from 'undici'
import { Refit, refitEnvironment } from '../demo/refit'
import { runKubectl } from '../examples/hub/deploy'
import { readers } from '../src/activities/decide-batch'
import { taskQueue } from '../src/domain/temporal-names'
import { lanesPerHost } from '../src/workflows/scan'
import { down, up, type Stack } from '../stack'
import { median, rounded } from './median'
import { type BenchRepository, deploymentsOf, fillRegistry } from './registry-of-lists'
import { workerSettings } from './worker-settings'

const rounds = 5
const name = 'bench-scan'
/** As many as Refit reads of one registry host at once. */
const concurrency = readers * lanesPerHost

const { values } = parseArgs({
  options: {
    repositories: { type: 'string', default: '1000' },
    tags: { type: 'string' },
    heap: { type: 'string', default: '160' },
  },
})
const settings = workerSettings(values.heap)
const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** More requests a second than any limit of a real registry would allow: the limiter takes part, but doesn't hold back. */
const configOf = (namespaces: string[]): string => `hub: { name: bench, environment: bench }
scan: { every: 300d }
registries: [{ host: "\${REGISTRY}", insecure: true, requestsPerSecond: 5000 }]
policies:
  - name: all
    select: { namespaces: [${namespaces.join(', ')}], images: ['bench/*'] }
    strategy: major
`

async function main(): Promise<void> {
  await down(name, { purge: true, progress: () => undefined })
  const stack = await up({ name, node: 'simulated', yes: true, owner: 'npm run bench:scan' })
  try {
    process.stdout.write(`${JSON.stringify(await measure(stack))}\n`)
  } finally {
    await down(name, { purge: true })
  }
}

async function measure(stack: Stack) {
  await stack.postgres.createDatabase('refit')
  const storage = join(stack.stateDir, 'data/registry')
  const repositories = await fillRegistry(
    { host: stack.registry.host, storage },
    { repositories: Number(values.repositories), ...(values.tags ? { tagsEach: Number(values.tags) } : {}) },
  )
  const tags = repositories.reduce((sum, { tagCount }) => sum + tagCount, 0)
  say(`${repositories.length} repositories with ${tags} tags`)
  const { file, namespaces } = await deploymentsOf(stack.registry.host, repositories, stack.stateDir)
  const kubectl = (...args: string[]): Promise<string> =>
    runKubectl({ kubectl: stack.bin.kubectl, kubeconfig: stack.kubernetes.kubeconfig }, args)
  await kubectl('create', '-f', file)
  for (const namespace of namespaces)
    await kubectl('-n', namespace, 'wait', 'deployment', '--all', '--for=condition=Available', '--timeout=300s')
  say('all Deployments are Available')

  const configFile = join(stack.stateDir, 'refit.yaml')
  await writeFile(configFile, configOf(namespaces))
  const logFile = join(stack.stateDir, 'worker.log')
  const healthAddress = `127.0.0.1:${await getPort()}`
  const env = { ...refitEnvironment(stack), ...settings }
  const refit = new Refit({ configFile, env, logFile, healthAddress })
  const connection = await Connection.connect({ address: stack.temporal.address })
  const client = new Client({ connection })
  try {
    const pid = await refit.startWorker()
    const scan = async (round: string): Promise<number> => {
      const started = performance.now()
      const result: unknown = await client.workflow.execute('scan', { taskQueue, workflowId: `scan-${round}` })
      const seconds = (performance.now() - started) / 1_000
      say(`scan ${round}: ${rounded(seconds)} s, ${(result as { summary: string }).summary}`)
      return seconds
    }
    const firstScanSeconds = await scan('first')
    const firstRequests = await requestsIn(logFile)
    const pool = new Pool(`http://${stack.registry.host}`, { connections: concurrency })
    const fetched: number[] = []
    const pooled: number[] = []
    const scans: number[] = []
    // Round 0 warms everybody up.
    for (let round = 0; round <= rounds; round += 1) {
      const seconds = {
        fetched: await floor(repositories, byFetch(stack.registry.host)),
        pooled: await floor(repositories, byPool(pool)),
        scan: await scan(String(round)),
      }
      say(`floor ${round}: fetch ${rounded(seconds.fetched)} s, pool ${rounded(seconds.pooled)} s`)
      if (round === 0) continue
      fetched.push(seconds.fetched)
      pooled.push(seconds.pooled)
      scans.push(seconds.scan)
    }
    await pool.close()
    const requests = ((await requestsIn(logFile)) - firstRequests) / (rounds + 1)
    return {
      bench: 'scan',
      ratio: rounded(median(scans) / median(fetched)),
      ratioToPool: rounded(median(scans) / median(pooled)),
      scanMedian: rounded(median(scans)),
      fetchMedian: rounded(median(fetched)),
      poolMedian: rounded(median(pooled)),
      ...{ repositories: repositories.length, tags, requestsPerScan: requests },
      requestsPerRepository: rounded(requests / repositories.length, 3),
      ...{ firstScanSeconds: rounded(firstScanSeconds), firstScanRequests: firstRequests },
      workerPeakMiB: await peakMemory(pid),
      workerSettings: settings,
      scanSeconds: scans.map((each) => rounded(each)),
      fetchSeconds: fetched.map((each) => rounded(each)),
      poolSeconds: pooled.map((each) => rounded(each)),
    }
  } finally {
    await refit.stopWorker()
    await connection.close()
  }
}

type Ask = (method: 'GET' | 'HEAD', path: string) => Promise<number>

const headers = { accept: 'application/json, application/vnd.oci.image.manifest.v1+json' }

/** Node's own client, as anybody would write it; it opens a new connection after each HEAD. */
const byFetch =
  (host: string): Ask =>
  async (method, path) => {
    const answer = await fetch(`http://${host}${path}`, { method, headers })
    await answer.arrayBuffer()
    return answer.status
  }

/** As Refit asks, but for everything around it. */
const byPool =
  (pool: Pool): Ask =>
  async (method, path) => {
    const { statusCode, body } = await pool.request({ method, path, headers, reset: false })
    await body.dump({ limit: 64 * 1024 * 1024 })
    return statusCode
  }

/** What a scan asks when nothing has changed, without anything around it: a list and a HEAD per repository. */
async function floor(repositories: readonly BenchRepository[], ask: Ask): Promise<number> {
  const limit = pLimit(concurrency)
  const expectOk = async (method: 'GET' | 'HEAD', path: string): Promise<void> => {
    const status = await ask(method, path)
    if (status !== 200) throw new Error(`${method} ${path}: ${status}`)
  }
  const started = performance.now()
  await Promise.all(
    repositories.map(({ path, releases }) =>
      limit(async () => {
        await expectOk('GET', `/v2/${path}/tags/list?n=1000`)
        await expectOk('HEAD', `/v2/${path}/manifests/${releases[0]}`)
      }),
    ),
  )
  return (performance.now() - started) / 1_000
}

/** The worker says at the end of each scan how many requests went out since it started. */
async function requestsIn(logFile: string): Promise<number> {
  const last = (await readFile(logFile, 'utf8')).split('\n').findLast((line) => line.includes('"scan concluded"'))
  const { requests } = JSON.parse(last ?? '{"requests":{}}') as { requests: Record<string, number> }
  return Object.values(requests).reduce((sum, count) => sum + count, 0)
}

async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? NaN) / 1024)
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say(String(error))
    process.exit(1)
  },
)
