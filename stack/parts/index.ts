import type { NodeMode, PartName } from '../types'
import { partNames } from '../types'
import { apiserver } from './apiserver'
import { containerd } from './containerd'
import { controllerManager, scheduler } from './controllers'
import { etcd } from './etcd'
import { kubelet } from './kubelet'
import { kubeProxy } from './kube-proxy'
import { kwok } from './kwok'
import type { Part } from './part'
import { postgres } from './postgres'
import { registry } from './registry'
import { temporal } from './temporal'

const table: Record<PartName, Part> = {
  temporal,
  postgres,
  registry,
  etcd,
  'kube-apiserver': apiserver,
  'kube-controller-manager': controllerManager,
  'kube-scheduler': scheduler,
  kwok,
  containerd,
  kubelet,
  'kube-proxy': kubeProxy,
}

/** Parts that only a real node has. */
export const nodeParts: readonly PartName[] = ['containerd', 'kubelet', 'kube-proxy']

/** The table entry of a part. */
export function part(name: PartName): Part {
  return table[name]
}

/** The parts asked for (default: all that the mode has) with everything they need, in table order. */
export function selectParts(mode: NodeMode, asked?: readonly PartName[]): Part[] {
  const selected = new Set<PartName>()
  const select = (name: PartName) => {
    if (selected.has(name)) return
    selected.add(name)
    table[name].needs.forEach(select)
  }
  const all = partNames.filter((name) => mode === 'real' || !nodeParts.includes(name))
  for (const name of asked ?? all) select(name)
  return partNames.filter((name) => selected.has(name)).map(part)
}
