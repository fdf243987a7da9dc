/**
 * A whole scan (observe, read, decide, keep, conclude, Temporal included) of 1,000 repositories in which nothing has
 * changed, against the floor: a bare HTTP client that asks the same URLs with the same concurrency, in turn in one run.
 * The first scan, which sees everything anew, is measured beside it. Last line: JSON, medians of five.
 *   --repositories N (1000)   --tags N: fill every list up to N tags
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
import { taskQueue } from '../src/workflows/messages'
import { down, up, type Stack } from '../stack'
import { median, rounded } from './median'
import { type BenchRepository, deploymentsOf, fillRegistry } from './registry-of-lists'

const rounds = 5
const name = 'bench-scan'
/** As many as Refit reads of one registry host at once. */
const concurrency = 16

const { values } = parseArgs({
  options: { repositories: { type: 'string', default: '1000' }, tags: { type: 'string' } },
})
const say = (line: string): void => void process.stderr.write(`${line}\n`)

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
  const refit = new Refit({ configFile, env: refitEnvironment(stack), logFile, healthAddress })
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
    const [scanSeconds, floorSeconds]: [number[], number[]] = [[], []]
    for (let round = 1; round <= rounds; round += 1) {
      floorSeconds.push(await floor(stack.registry.host, repositories))
      scanSeconds.push(await scan(String(round)))
      say(`floor ${round}: ${rounded(floorSeconds.at(-1) ?? 0)} s`)
    }
    const requests = ((await requestsIn(logFile)) - firstRequests) / rounds
    return {
      bench: 'scan',
      ratio: rounded(median(scanSeconds) / median(floorSeconds)),
      scanMedian: rounded(median(scanSeconds)),
      floorMedian: rounded(median(floorSeconds)),
      ...{ repositories: repositories.length, tags, requestsPerScan: requests },
      requestsPerRepository: rounded(requests / repositories.length, 3),
      ...{ firstScanSeconds: rounded(firstScanSeconds), firstScanRequests: firstRequests },
      workerPeakMiB: await peakMemory(pid),
      ...{
        scanSeconds: scanSeconds.map((each) => rounded(each)),
        floorSeconds: floorSeconds.map((each) => rounded(each)),
      },
    }
  } finally {
    await refit.stopWorker()
    await connection.close()
  }
}

/** What a scan asks when nothing has changed, without anything around it: a list and a HEAD per repository. */
async function floor(host: string, repositories: readonly BenchRepository[]): Promise<number> {
  const pool = new Pool(`http://${host}`, { connections: concurrency })
  const limit = pLimit(concurrency)
  const ask = async (method: 'GET' | 'HEAD', path: string): Promise<void> => {
    const { statusCode, body } = await pool.request({
      ...{ method, path },
      // As Refit does: undici would open a new connection after each HEAD.
      reset: false,
      headers: { accept: 'application/json, application/vnd.oci.image.manifest.v1+json' },
    })
    await body.dump({ limit: 64 * 1024 * 1024 })
    if (statusCode !== 200) throw new Error(`${method} ${path}: ${statusCode}`)
  }
  const started = performance.now()
  await Promise.all(
    repositories.map(({ path, releases }) =>
      limit(async () => {
        await ask('GET', `/v2/${path}/tags/list?n=1000`)
        await ask('HEAD', `/v2/${path}/manifests/${releases[0]}`)
      }),
    ),
  )
  const seconds = (performance.now() - started) / 1_000
  await pool.close()
  return seconds
}

/** The worker says after each batch how many requests it took. */
async function requestsIn(logFile: string): Promise<number> {
  const lines = (await readFile(logFile, 'utf8')).split('\n').filter((line) => line.includes('"requests":'))
  return lines.reduce((sum, line) => sum + (JSON.parse(line) as { requests: number }).requests, 0)
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
