/**
 * All services of a large hub at once, bake 0: from the first approval until the last upgrade has succeeded, against two
 * floors in turn on the same cluster: a bare Node script with the same client library (`ratio`) and a loop of `kubectl`
 * (`ratioToKubectl`), both 32 at once. Every Deployment goes to and fro between the same two images, so that all do the
 * same work. Real are the API server, its controllers, Temporal, PostgreSQL, the registry and the built worker with the
 * settings of its image; simulated (KWOK) are the nodes. Last line: JSON, medians of the rounds.
 *   --deployments N (1000)  --services N (300)  --replicas N (1)  --rounds N (1)  --heap MiB (256)  --refit-only: without the floors  --profile FOLDER: of the worker's CPU
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Client, Connection } from '@temporalio/client'
import getPort from 'get-port'
import pLimit from 'p-limit'
import { Refit, refitEnvironment } from '../demo/refit'
import { runKubectl } from '../examples/hub/deploy'
import { taskQueue, upgradeWorkflowId } from '../src/domain/temporal-names'
import { createStore } from '../src/store'
import type { Store, UpgradeRow } from '../src/store/contracts'
import { down, up, type Stack } from '../stack'
import { auditEvents } from '../test/support/audit-log'
import { cpuBetween, cpuOfStack } from './cpu-of-stack'
import { byKubectl, byScript } from './fleet-floor'
import { type FleetWorkload, fleetOf } from './fleet-hub'
import { median, rounded } from './median'
import { workerSettings } from './worker-settings'

const name = 'bench-fleet'
/** Approvals sent at the same time. */
const approvers = 32

const { values } = parseArgs({
  options: {
    deployments: { type: 'string', default: '1000' },
    services: { type: 'string', default: '300' },
    replicas: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '1' },
    heap: { type: 'string', default: '256' },
    profile: { type: 'string' },
    'refit-only': { type: 'boolean', default: false },
  },
})
const hasFloors = !values['refit-only'] && !values.profile
const say = (line: string): void => void process.stderr.write(`${line}\n`)

const settings = workerSettings(values.heap)

const configOf = (namespaces: string[]): string => `hub: { name: bench, environment: bench }
scan: { every: 300d }
registries: [{ host: "\${REGISTRY}", insecure: true, requestsPerSecond: 5000 }]
policies:
  - name: all
    select: { namespaces: [${namespaces.join(', ')}], images: ['*/fleet/*'] }
    mode: approve
    approval: { required: 1, unverified: accept }
    rollout: { bake: 0s, stall: 10m, deadline: 30m }
`

async function main(): Promise<void> {
  await down(name, { purge: true, progress: () => undefined })
  const stack = await up({ name, node: 'simulated', yes: true, owner: 'npm run bench:fleet' })
  try {
    process.stdout.write(`${JSON.stringify(await measure(stack))}\n`)
  } finally {
    await down(name, { purge: true })
  }
}

async function measure(stack: Stack) {
  await stack.postgres.createDatabase('refit')
  const { kubeconfig } = stack.kubernetes
  const at = { kubectl: stack.bin.kubectl, kubeconfig, folder: stack.stateDir }
  const { workloads, namespaces, file } = await fleetOf(stack.registry.host, {
    ...{ deployments: Number(values.deployments), services: Number(values.services) },
    ...{ replicas: Number(values.replicas), folder: stack.stateDir },
  })
  await runKubectl(at, ['create', '-f', file])
  for (const namespace of namespaces)
    await runKubectl(at, [
      '-n',
      namespace,
      'wait',
      'deployment',
      '--all',
      '--for=condition=Available',
      '--timeout=900s',
    ])
  say(`${workloads.length} Deployments in ${namespaces.length} namespaces are Available`)
  // Afterwards every Deployment has both of its ReplicaSets.
  if (hasFloors)
    say(
      `warmed up: ${rounded(await byScript(at, workloads, 'next'))} s, ${rounded(await byScript(at, workloads, 'old'))} s`,
    )

  const configFile = join(stack.stateDir, 'refit.yaml')
  await writeFile(configFile, configOf(namespaces))
  const logFile = join(stack.stateDir, 'worker.log')
  const healthAddress = `127.0.0.1:${await getPort()}`
  const refit = new Refit({
    ...{ configFile, logFile, healthAddress, env: { ...refitEnvironment(stack), ...settings } },
    ...(values.profile ? { program: ['--cpu-prof', `--cpu-prof-dir=${values.profile}`, 'dist/src/cli.js'] } : {}),
  })
  const store = createStore(stack.postgres.url('refit'))
  const connection = await Connection.connect({ address: stack.temporal.address })
  const client = new Client({ connection })
  const measured: Round[] = []
  try {
    const pid = await refit.startWorker()
    const cpuOf = () => cpuOfStack(stack.stateDir, { worker: pid })
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const before = await cpuOf()
      const script = hasFloors ? await byScript(at, workloads, 'next') : NaN
      const scriptCpu = cpuBetween(before, await cpuOf())
      say(`script: ${rounded(script)} s`)
      const kubectl = hasFloors ? await byKubectl(at, workloads, 'old') : NaN
      say(`kubectl: ${rounded(kubectl)} s`)
      const upgraded = await upgradeAll({ stack, client, store, cpuOf, round }, workloads)
      measured.push({ script, kubectl, scriptCpu, ...upgraded })
      say(`round ${round + 1}: ${JSON.stringify(measured.at(-1))}`)
      if (round + 1 < Number(values.rounds)) await byScript(at, workloads, 'old')
    }
    return {
      ...summaryOf(measured),
      workerPeakMiB: await memoryOf(pid, 'VmHWM'),
      workerSettings: settings,
      rounds: measured,
    }
  } finally {
    await refit.stopWorker()
    await store.close()
    await connection.close()
  }
}

interface Round {
  script: number
  kubectl: number
  refit: number
  /** from the scan to the last plan that waits for its approval */
  planned: number
  /** of the stack and the worker, while it was measured; without what ran and ended meanwhile, as the script itself */
  scriptCpu: Record<string, number>
  refitCpu: Record<string, number>
  requestsPerWorkload: number
  requestsWithPlans: number
  historyEvents: number
  historyEventsMost: number
}

type Figure = Exclude<keyof Round, 'scriptCpu' | 'refitCpu'>

interface Bench {
  stack: Stack
  client: Client
  store: Store
  cpuOf: () => Promise<Record<string, number>>
  round: number
}

/** Plans every upgrade, then approves all at once and waits for the last. */
async function upgradeAll({ stack, client, store, cpuOf, round }: Bench, workloads: readonly FleetWorkload[]) {
  const services = new Set(workloads.map(({ namespace, service }) => `${namespace}/${service}`)).size
  const begun = performance.now()
  const asked = await requestsOf(stack)
  for (let scan = 0; (await store.upgrades.listOpen()).length < services; scan += 1)
    await client.workflow.execute('scan', { taskQueue, workflowId: `scan-${round}-${scan}` })
  const open = await until(async () => {
    const rows = await store.upgrades.listOpen()
    return rows.length === services && rows.every(({ phase }) => phase === 'approval') && rows
  })
  const planned = (performance.now() - begun) / 1_000
  say(`${open.length} upgrades wait for an approval after ${rounded(planned)} s`)

  const [before, cpu] = [await requestsOf(stack), await cpuOf()]
  const started = Date.now()
  const limit = pLimit(approvers)
  const handles = open.map((row) => client.workflow.getHandle(upgradeWorkflowId(row.namespace, row.service)))
  await Promise.all(
    handles.map((handle, index) =>
      limit(() => handle.signal('approve', { by: 'bench', planHash: open[index]?.planHash })),
    ),
  )
  await until(async () => (await store.upgrades.listOpen()).length === 0)
  const rows = (await Promise.all(open.map(({ id }) => store.upgrades.read(id)))) as UpgradeRow[]
  const other = rows.find(({ outcome }) => outcome !== 'succeeded')
  if (other) throw new Error(`${other.service} ended ${other.outcome}: ${other.message}`)
  const ended = Math.max(...rows.map(({ endedAt }) => endedAt?.getTime() ?? 0))
  const [after, used] = [await requestsOf(stack), await cpuOf()]
  const events = await Promise.all(handles.map((handle) => limit(async () => (await handle.describe()).historyLength)))
  return {
    ...{ refit: (ended - started) / 1_000, planned, refitCpu: cpuBetween(cpu, used) },
    requestsPerWorkload: rounded((after - before) / workloads.length),
    requestsWithPlans: rounded((after - asked) / workloads.length),
    ...{ historyEvents: median(events), historyEventsMost: Math.max(...events) },
  }
}

function summaryOf(rounds: Round[]) {
  const of = (key: Figure): number => median(rounds.map((round) => round[key]))
  const ratios = (key: 'script' | 'kubectl') => rounded(median(rounds.map((round) => round.refit / round[key])))
  return {
    ...{ bench: 'fleet', ratio: ratios('script'), ratioToKubectl: ratios('kubectl') },
    ...{ deployments: Number(values.deployments), services: Number(values.services) },
    ...{ refitSeconds: rounded(of('refit')), scriptSeconds: rounded(of('script')) },
    ...{ kubectlSeconds: rounded(of('kubectl')), plannedSeconds: rounded(of('planned')) },
    secondsPerUpgrade: rounded(of('refit') / Number(values.services), 4),
    ...{ requestsPerWorkload: of('requestsPerWorkload'), historyEvents: of('historyEvents') },
  }
}

/** What Refit has asked the API server, watches included. */
const requestsOf = async (stack: Stack): Promise<number> =>
  (await auditEvents(stack)).filter(({ userAgent }) => userAgent === 'refit').length

async function memoryOf(pid: number, key: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? NaN) / 1024)
}

async function until<T>(ask: () => Promise<T | false>): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say(error instanceof Error ? String(error.stack) : String(error))
    process.exit(1)
  },
)
