import getPort from 'get-port'
import { join } from 'node:path'
import { withLock } from './lock'
import { stateRoot } from './paths'
import { allStates } from './state'

export const portNames = [
  'temporal',
  'temporalUi',
  'temporalHttp',
  'temporalMetrics',
  'postgres',
  'registry',
  'etcd',
  'etcdPeer',
  'apiserver',
  'controllerManager',
  'scheduler',
  'kwok',
  'kubelet',
  'kubeletHealth',
  'proxyHealth',
  'proxyMetrics',
] as const

export type PortName = (typeof portNames)[number]

/** Below the ephemeral ports, which any outgoing connection may take, and below the NodePorts. */
const [first, last] = [20_000, 29_999]

/**
 * Picks a free port for every purpose and hands them to `keep`, which has to write them into a stack.json
 * before another launcher may pick.
 */
export async function choosePorts(name: string, keep: (ports: Record<PortName, number>) => void): Promise<void> {
  const lock = join(stateRoot(), '.ports.lock')
  await withLock(lock, 'another launcher that picks ports', { timeout: 30_000 }, async () => {
    const others = allStates().filter((state) => state.name !== name)
    const taken = new Set(others.flatMap((state) => Object.values(state.ports)))
    const ports: Partial<Record<PortName, number>> = {}
    for (const purpose of portNames) {
      const port = await freePort(taken)
      taken.add(port)
      ports[purpose] = port
    }
    keep(ports as Record<PortName, number>)
  })
}

/** True if nothing listens on this port of the loopback interface. */
export async function isFree(port: number): Promise<boolean> {
  return (await getPort({ port, host: '127.0.0.1' })) === port
}

async function freePort(taken: ReadonlySet<number>): Promise<number> {
  for (let tries = 0; tries < 1000; tries++) {
    const port = first + Math.floor(Math.random() * (last - first))
    if (!taken.has(port) && (await isFree(port))) return port
  }
  throw new Error(`no free port between ${first} and ${last}`)
}
