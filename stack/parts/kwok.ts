import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../context'
import { expectOk, type KubeApi } from '../http'
import { network, simulatedNodes } from '../network'
import { kubeconfigPath } from '../pki'
import type { NodeMode, PartName } from '../types'
import type { Part } from './part'
import { podStages } from './stages'

interface NodeObject {
  status?: { conditions?: { type: string; status: string; lastHeartbeatTime: string }[] }
}

interface LeaseList {
  items: { metadata: { name: string }; spec: { renewTime?: string } }[]
}

/** KWOK: nodes that exist only in the API server, and pods that run on them without a process. */
export const kwok: Part = {
  name: 'kwok',
  needs: ['kube-apiserver'],
  tools: ['kwok'],
  async prepare({ state, paths, api }) {
    const config = {
      apiVersion: 'config.kwok.x-k8s.io/v1alpha1',
      kind: 'KwokConfiguration',
      options: { podPlayStageParallelism: 16, nodePlayStageParallelism: 4 },
    }
    const documents = [config, ...podStages()].map((document) => JSON.stringify(document))
    writeFileSync(join(paths.config, 'kwok.yaml'), documents.join('\n---\n'))
    for (const node of simulatedNodes) {
      await api.apply(`/api/v1/nodes/${node}`, nodeObject(node, state.node))
      // A new KWOK can't renew a lease that the old one still holds.
      await api.delete(`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}`)
    }
  },
  command: ({ state: { ports }, stateDir, paths, bin }) => ({
    file: bin('kwok'),
    args: [
      `--kubeconfig=${kubeconfigPath(stateDir, 'kwok')}`,
      `--config=${join(paths.config, 'kwok.yaml')}`,
      '--manage-all-nodes=false',
      '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
      `--cidr=${network.simulatedPods.replace('.0/', '.1/')}`,
      '--node-ip=127.0.0.1',
      `--node-port=${ports.kwok}`,
      `--server-address=127.0.0.1:${ports.kwok}`,
      '--node-lease-duration-seconds=20',
      // The default level logs every patch.
      '--v=WARN',
    ],
  }),
  healthy: async (context) => {
    await expectOk(`http://127.0.0.1:${context.state.ports.kwok}/healthz`)
    await nodesReady(context, 'kwok', simulatedNodes)
  },
  address: ({ state: { ports } }) => `127.0.0.1:${ports.kwok}`,
  patience: 60,
  stop: { signal: 'SIGTERM', grace: 3000 },
}

/** @throws unless all these nodes are Ready, by word of the process that `part` runs as now */
export async function nodesReady({ api, state }: Context, part: PartName, names: readonly string[]): Promise<void> {
  const since = state.processes[part]?.since ?? 0
  for (const name of names) {
    const node = await api.get<NodeObject>(`/api/v1/nodes/${name}`)
    const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready')
    if (ready?.status !== 'True') throw new Error(`node ${name} is not Ready`)
    // The condition of a node that was stopped stays for some seconds; times in it are whole seconds.
    const heard = Math.max(Date.parse(ready.lastHeartbeatTime), await leaseRenewed(api, name))
    if (heard < since - 1000 || heard < Date.now() - 60_000) throw new Error(`nothing was heard of node ${name} lately`)
  }
}

async function leaseRenewed(api: KubeApi, node: string): Promise<number> {
  const leases = await api.get<LeaseList>('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases')
  const lease = leases.items.find(({ metadata }) => metadata.name === node)
  return Date.parse(lease?.spec.renewTime ?? '1970-01-01')
}

/** With a real node the simulated ones are only for pods that ask for them. */
function nodeObject(name: string, mode: NodeMode): object {
  const taint = { key: 'kwok.x-k8s.io/node', value: 'fake', effect: 'NoSchedule' }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: { type: 'kwok', 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' },
    },
    spec: { taints: mode === 'real' ? [taint] : [] },
  }
}
