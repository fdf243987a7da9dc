import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { Context } from '../context'
import { network } from '../network'
import { run } from '../run'
import { StackError } from '../types'
import { addRules, dropRules, hasNodeChains } from './firewall'
import { absentFolders, fixedFolders, removeNodeFiles } from './folders'
import { foreignRoute } from './routes'
import { readSysctls, wantedSysctls, writeSysctls } from './sysctls'

/** How the machine was before the real node; written to stack.json before the first change. */
export interface MachineRecord {
  /** The boot it is of: after another one there is nothing to undo. */
  boot: string
  /** Former values by their path under /proc/sys. */
  sysctls: Record<string, string>
  /** Folders that go away with the node. */
  absentFolders: string[]
  /** Network namespaces that belong to others. */
  namespaces: string[]
}

/** The changes a real node makes to the machine, for the person who is asked. */
export function machineChanges(): string[] {
  const { nodeAddress, services, pods, simulatedPods, bridge } = network
  return [
    `address ${nodeAddress}/32 on lo; routes that keep ${services}, ${pods} and ${simulatedPods} on this machine`,
    `bridge ${bridge}, one network namespace per pod; iptables chains KUBE-*, five iptables rules marked refit-stack`,
    `sysctls ${Object.keys(wantedSysctls).join(', ')}, and those that kubelet sets (vm/overcommit_memory, kernel/panic, …)`,
    'kernel modules br_netfilter and overlay, if they are not loaded (they stay loaded)',
    `folders ${fixedFolders.join(', ')}; cgroups under kubepods`,
  ]
}

/** Identifies the current boot of the machine. */
export function bootId(): string {
  const path = '/proc/sys/kernel/random/boot_id'
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
}

/** Loads kernel modules and notes how everything is. @throws if another node or network is in the way */
export async function recordMachine(): Promise<MachineRecord> {
  for (const module of ['overlay', 'br_netfilter']) await quietly('modprobe', module)
  if (await hasNodeChains()) {
    throw new StackError('iptables has KUBE- chains: another Kubernetes node uses this machine. Use --simulated')
  }
  const foreign = await foreignRoute()
  if (foreign) throw new StackError(`The route ${foreign} of this machine overlaps the stack's ranges. Use --simulated`)
  return { boot: bootId(), sysctls: readSysctls(), absentFolders: absentFolders(), namespaces: namespaces() }
}

/** Makes the changes; does nothing where they are made already. Routes come first: nothing may leave the machine. */
export async function changeMachine(): Promise<void> {
  const { nodeAddress, services, pods, simulatedPods } = network
  await run('ip', ['address', 'replace', `${nodeAddress}/32`, 'dev', 'lo'])
  await run('ip', ['route', 'replace', services, 'dev', 'lo', 'src', nodeAddress])
  for (const range of [pods, simulatedPods]) await run('ip', ['route', 'replace', 'blackhole', range])
  writeSysctls(wantedSysctls)
  await addRules()
}

/** Undoes everything, however far it got; the node's processes have to be gone. */
export async function restoreMachine(context: Context, record: MachineRecord): Promise<void> {
  const { nodeAddress, services, pods, simulatedPods, bridge } = network
  for (const name of namespaces()) {
    if (!record.namespaces.includes(name) && name.startsWith('cni-')) await quietly('ip', 'netns', 'delete', name)
  }
  await quietly('ip', 'link', 'delete', bridge)
  const failure = await dropRules().catch((error: unknown) => error as Error)
  for (const range of [pods, simulatedPods]) await quietly('ip', 'route', 'delete', 'blackhole', range)
  await quietly('ip', 'route', 'delete', services, 'dev', 'lo')
  await quietly('ip', 'address', 'delete', `${nodeAddress}/32`, 'dev', 'lo')
  writeSysctls(record.sysctls)
  await removeNodeFiles(context, record.absentFolders)
  if (failure) throw failure
}

function namespaces(): string[] {
  return existsSync('/run/netns') ? readdirSync('/run/netns') : []
}

async function quietly(file: string, ...args: string[]): Promise<void> {
  await run(file, args, { allowFailure: true }).catch(() => undefined)
}
