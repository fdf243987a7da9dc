import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import getPort from 'get-port'
import { Client as Postgres } from 'pg'
import { type Answered, runCommand } from '../../demo/refit'
import { hubTemporal, type HubTemporal } from '../../src/operations/temporal'
import { startHttpServer, type TestServer } from '../../test/support/http-server'
import { deployment, openSimulatedHub, type SimulatedHub } from '../../test/support/simulated-hub'
import { type ApiProxy, apiProxy } from './api-proxy'
import { buildChaosProgram, type ChaosProgram } from './build'
import { chaosConfig, serviceNames, type ServiceName } from './config'
import { type SmallDisk, smallDisk } from './small-disk'
import { Supervisor } from './supervisor'
import { Switch } from './switch'
import { type TcpProxy, tcpProxy } from './tcp-proxy'

/** A hub of simulated nodes with everything real around it, a Refit worker that dies where it is told to, and people. */
export interface ChaosHub {
  hub: SimulatedHub
  program: ChaosProgram
  worker: Supervisor
  points: Switch
  temporal: Client
  operations: HubTemporal
  /** what the alerts' receiver got */
  alerts: TestServer
  /** with expand/, backfill/ and contract/ of service `data` */
  migrations: string
  /** in the database of service `data` */
  query: <Row>(sql: string) => Promise<Row[]>
  /** a command of Refit's CLI */
  refit(...args: string[]): Promise<Answered>
  /** between the worker and servers, where that was asked for */
  lines?: Record<'temporal' | 'postgres', TcpProxy>
  api?: ApiProxy
  /** that Refit's database is on, where that was asked for and can be */
  disk?: SmallDisk
  /** the library, where it is installed */
  faketime?: string
  close(): Promise<void>
}

interface Wanted {
  /** a dead worker's tasks are given on after seconds */
  soon: boolean
  /** with a network that can be cut, and an API server that can be made to answer as told */
  between?: boolean
}

/** Of Debian's package libfaketime. */
const faketimes = ['x86_64', 'aarch64'].map((each) => `/usr/lib/${each}-linux-gnu/faketime/libfaketimeMT.so.1`)

const openHubs = new Set<ChaosHub>()

/** For a process that is told to end. */
export const closeOpenHubs = (): Promise<unknown> => Promise.allSettled([...openHubs].map((each) => each.close()))

/** Brings everything up; the worker is not started. */
export async function openChaosHub({ soon, between = false }: Wanted): Promise<ChaosHub> {
  const program = await buildChaosProgram({ soon })
  const alerts = await startHttpServer()
  const hub = await openSimulatedHub((stateDir) => chaosConfig(join(stateDir, 'migrations')))
  const { stateDir } = hub.stack
  const migrations = join(stateDir, 'migrations')
  for (const phase of ['expand', 'backfill', 'contract']) await mkdir(join(migrations, phase), { recursive: true })
  await hub.stack.postgres.createDatabase('data')
  const points = new Switch(join(stateDir, 'chaos'))
  const env = {
    ...hub.env,
    DATA_URL: hub.stack.postgres.url('data'),
    ALERTS: alerts.url,
    CHAOS_FOLDER: points.folder,
    REFIT_HEALTH_ADDRESS: `127.0.0.1:${await getPort()}`,
    ...(soon ? { CHAOS_SOON: 'yes' } : {}),
  }
  const { lines, api } = between ? await standBetween(hub) : {}
  const disk = between ? await smallDisk(hub.stack) : undefined
  const through = lines && api ? throughLines(env, lines, api) : {}
  const worker = new Supervisor({
    ...{ program: program.file, configFile: hub.configFile, env: { ...env, ...through } },
    logFile: join(stateDir, 'logs', 'refit-worker.log'),
  })
  const connection = await Connection.connect({ address: hub.stack.temporal.address })
  const temporal = new Client({ connection })
  await Promise.all(serviceNames.map((name) => deploy(hub, name)))
  const chaos: ChaosHub = {
    ...{ lines, api, disk, faketime: faketimes.find((each) => existsSync(each)) },
    ...{ hub, program, worker, points, temporal, operations: hubTemporal(temporal), alerts, migrations },
    query: (sql) => query(hub.stack.postgres.url('data'), sql),
    refit: (...args) =>
      runCommand(process.execPath, [join(program.file, '../../../src/cli.js'), '--config', hub.configFile, ...args], {
        ...env,
        CHAOS_FOLDER: undefined,
      }),
    async close() {
      openHubs.delete(chaos)
      await worker.stop()
      await connection.close()
      await alerts.close()
      await Promise.all([api?.close(), lines?.temporal.close(), lines?.postgres.close()])
      await hub.close()
      disk?.remove()
      program.remove()
    },
  }
  openHubs.add(chaos)
  return chaos
}

async function deploy(hub: SimulatedHub, name: ServiceName): Promise<void> {
  if (name !== 'init') return hub.deploy(name)
  await hub.push(name, 'v1.0.0')
  const image = `${hub.stack.registry.host}/hub/${name}:v1.0.0`
  const list = deployment(name, image)
  for (const item of list.items)
    if (item.kind === 'Deployment') {
      const { template } = item.spec as { template: { spec: Record<string, unknown> } }
      template.spec.initContainers = [{ name: 'migrate', image, command: ['migrate'] }]
    }
  await hub.apply(list)
  await hub.kubectl('-n', name, 'rollout', 'status', `deployment/${name}`, '--timeout=60s')
}

async function query<Row>(url: string, sql: string): Promise<Row[]> {
  const client = new Postgres({ connectionString: url })
  // A server that is killed meanwhile says so there.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(sql)).rows as Row[]
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function standBetween({ stack, env }: SimulatedHub) {
  const [host = '', port] = stack.temporal.address.split(':')
  return {
    lines: {
      temporal: await tcpProxy({ host, port: Number(port) }),
      postgres: await tcpProxy({ host: stack.postgres.host, port: stack.postgres.port }),
    },
    api: await apiProxy(env.REFIT_KUBECONFIG ?? '', join(stack.stateDir, 'chaos.kubeconfig')),
  }
}

/** The worker's way to its servers. */
function throughLines(
  env: NodeJS.ProcessEnv,
  { temporal, postgres }: NonNullable<ChaosHub['lines']>,
  api: ApiProxy,
): NodeJS.ProcessEnv {
  const through = (address = ''): string => {
    const url = new URL(address)
    url.port = String(postgres.port)
    return url.href
  }
  return {
    ...{ DATABASE_URL: through(env.DATABASE_URL), DATA_URL: through(env.DATA_URL), REFIT_KUBECONFIG: api.kubeconfig },
    TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`,
  }
}
