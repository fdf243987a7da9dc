/**
 * Thousands of upgrades that wait for an approval, on the local stack: the built worker's memory, how long `refit status`
 * takes as a process of its own, what a scan beside them costs, how fast an answer is heard by an upgrade that is not in
 * the worker's memory, and how much history a waiting upgrade makes per day (a simulated week on the time-skipping server).
 *
 * What is simulated: the services. Decisions, plans and open upgrades are written into the store as scan and plan write
 * them, and each workflow is started as one that continued as new while it waited, so nobody asks a cluster of ten
 * thousand Deployments. Worker, store, Temporal and CLI are the real ones. `ratio`: peak memory to the limit of 512 MiB.
 * The worker runs with the settings of the image and the heap that Node takes in a container of 512 MiB.
 * Last line: JSON.
 *   --count N (10000)   --cached N: REFIT_MAX_CACHED_WORKFLOWS   --heap MiB (256)   --skip-week
 */
import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Client, Connection } from '@temporalio/client'
import getPort from 'get-port'
import pLimit from 'p-limit'
import { Client as Postgres } from 'pg'
import { Refit, refitEnvironment } from '../demo/refit'
import { loadConfig } from '../src/config'
import { environmentOf } from '../src/config/environment'
import { taskQueue, upgradeWorkflowId } from '../src/domain/temporal-names'
import { createStore } from '../src/store'
import type { Store } from '../src/store/contracts'
import { down, up, type Stack } from '../stack'
import { median, rounded } from './median'
import { seed, type WaitingUpgrade } from './waiting-hub'
import { eventsPerDay } from './waiting-week'
import { workerSettings } from './worker-settings'

const name = 'bench-waiting'
const rounds = 5
const limitMiB = 512
/** Starts at once: enough to keep the server busy. */
const atOnce = 50

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    cached: { type: 'string' },
    heap: { type: 'string', default: '256' },
    'skip-week': { type: 'boolean', default: false },
  },
})
const count = Number(values.count)
const say = (line: string): void => void process.stderr.write(`${line}\n`)

const settings = workerSettings(values.heap)

const configText = (namespaces: string[]): string => `hub: { name: bench, environment: bench }
scan: { every: 300d }
policies:
  - name: all
    select: { namespaces: [${namespaces.join(', ')}], images: ['*/hub/*'] }
    mode: approve
    approval: { required: 1, unverified: accept, expires: 30d }
`

async function main(): Promise<void> {
  await down(name, { purge: true, progress: () => undefined })
  const stack = await up({ name, node: 'simulated', yes: true, owner: 'npm run bench:waiting' })
  try {
    const measured = await measure(stack)
    const week = values['skip-week'] ? {} : { eventsPerDay: await eventsPerDay() }
    process.stdout.write(`${JSON.stringify({ ...measured, ...week })}\n`)
  } finally {
    await down(name, { purge: true })
  }
}

interface Cli {
  configFile: string
  env: NodeJS.ProcessEnv
}

async function measure(stack: Stack) {
  await stack.postgres.createDatabase('refit')
  const configFile = join(stack.stateDir, 'refit.yaml')
  await writeFile(configFile, configText(Array.from({ length: Math.ceil(count / 100) }, (_, i) => `hub-${i}`)))
  const env = {
    ...refitEnvironment(stack),
    ...settings,
    ...(values.cached ? { REFIT_MAX_CACHED_WORKFLOWS: values.cached } : {}),
  }
  const cli = { configFile, env: { ...refitEnvironment(stack) } }
  const healthAddress = `127.0.0.1:${await getPort()}`
  const refit = new Refit({ configFile, env, logFile: join(stack.stateDir, 'worker.log'), healthAddress })
  const store = createStore(stack.postgres.url('refit'))
  const connection = await Connection.connect({ address: stack.temporal.address })
  try {
    await store.migrate()
    const upgrades = await seedAll(store, configFile, env)
    const pid = await refit.startWorker()
    const idle = await memoryOf(pid)
    const client = new Client({ connection })
    const started = performance.now()
    await startAll(client, upgrades)
    await untilAllWait(stack)
    const startSeconds = (performance.now() - started) / 1_000
    say(`${count} upgrades wait after ${rounded(startSeconds)} s`)
    const waiting = await memoryOf(pid)
    const statusSeconds = await times(rounds, () => command(cli, 'status'))
    const jsonSeconds = await times(rounds, () => command(cli, 'status', '-o', 'json'))
    const sinceSeconds = await times(rounds, () => command(cli, 'status', '--since', '12h'))
    // Spread over all of them, so that hardly one is in memory.
    const answered = upgrades.filter((_, i) => i % Math.ceil(count / 40) === 0)
    const answerSeconds: number[] = []
    for (const each of answered) answerSeconds.push(...(await times(1, () => reject(client, each))))
    const [scanSeconds = NaN] = await times(1, () => scan(client))
    const after = await memoryOf(pid)
    return {
      bench: 'waiting',
      ratio: rounded(after.peakMiB / limitMiB),
      ...{ waiting: count, workerPeakMiB: after.peakMiB, workerMiB: waiting.nowMiB, workerIdleMiB: idle.nowMiB },
      maxCachedWorkflows: Number(values.cached ?? environmentOf(env).maxCachedWorkflows),
      workerSettings: settings,
      statusMedian: rounded(median(statusSeconds)),
      statusJsonMedian: rounded(median(jsonSeconds)),
      statusSinceMedian: rounded(median(sinceSeconds)),
      answerMedianMs: Math.round(median(answerSeconds) * 1_000),
      scanSeconds: rounded(scanSeconds),
      startSeconds: rounded(startSeconds),
      statusSeconds: statusSeconds.map((each) => rounded(each)),
      statusJsonSeconds: jsonSeconds.map((each) => rounded(each)),
      statusSinceSeconds: sinceSeconds.map((each) => rounded(each)),
    }
  } finally {
    await refit.stopWorker('SIGKILL')
    await connection.close()
    await store.close()
  }
}

async function seedAll(store: Store, configFile: string, env: NodeJS.ProcessEnv): Promise<WaitingUpgrade[]> {
  const [policy] = loadConfig({ file: configFile, env }).policies
  if (!policy) throw new Error('no policy')
  const readSince = await store.scans.now()
  const limit = pLimit(10)
  const upgrades = await Promise.all(
    Array.from({ length: count }, (_, position) => limit(() => seed(store, { position, policy, readSince }))),
  )
  const summary = `${count} candidate`
  await store.scans.save({ id: 'bench', startedAt: readSince, endedAt: new Date(), complete: true, summary })
  say(`${upgrades.length} services are seeded`)
  return upgrades
}

async function startAll(client: Client, upgrades: readonly WaitingUpgrade[]): Promise<void> {
  const limit = pLimit(atOnce)
  await Promise.all(
    upgrades.map(({ input, waiting }) =>
      limit(() =>
        client.workflow.start('upgrade', {
          workflowId: upgradeWorkflowId(input.namespace, input.service),
          taskQueue,
          args: [input, waiting],
        }),
      ),
    ),
  )
}

/** Each has recorded that it waits: only then it sleeps. */
async function untilAllWait(stack: Stack): Promise<void> {
  const postgres = new Postgres({ connectionString: stack.postgres.url('refit') })
  await postgres.connect()
  try {
    for (;;) {
      const { rows } = await postgres.query<{ count: string }>(
        `select count(*) from upgrade_event where phase = 'approval' and kind = 'entered'`,
      )
      if (Number(rows[0]?.count) >= count) return
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  } finally {
    await postgres.end()
  }
}

async function reject(client: Client, { input, waiting }: WaitingUpgrade): Promise<void> {
  const said = { by: 'ops@example.org', planHash: waiting.plan.planHash, reason: 'bench' }
  await client.workflow
    .getHandle(upgradeWorkflowId(input.namespace, input.service))
    .executeUpdate('reject', { args: [said] })
}

/** The cluster is empty, so what it costs is what it looks after: every upgrade that the store has as open. */
async function scan(client: Client): Promise<void> {
  await client.workflow.execute('scan', { taskQueue, workflowId: 'bench-scan' })
}

/** A process of its own; what it prints is megabytes, and goes nowhere. */
function command({ configFile, env }: Cli, ...args: string[]): Promise<void> {
  const program = join(__dirname, '../dist/src/cli.js')
  const child = spawn(process.execPath, [program, '--config', configFile, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`refit ${args.join(' ')}: ${code}`))))
  })
}

async function times(n: number, work: () => Promise<void>): Promise<number[]> {
  const seconds: number[] = []
  for (let i = 0; i < n; i += 1) {
    const started = performance.now()
    await work()
    seconds.push((performance.now() - started) / 1_000)
  }
  return seconds
}

async function memoryOf(pid: number): Promise<{ nowMiB: number; peakMiB: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const of = (field: string): number =>
    Math.round(Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024)
  return { nowMiB: of('VmRSS'), peakMiB: of('VmHWM') }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say(String(error))
    process.exit(1)
  },
)
