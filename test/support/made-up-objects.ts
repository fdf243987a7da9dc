/** The Deployments and pods of a made-up cluster, and JSON patches on them. */
import type { Deployment, Pod } from '../../src/clients/kubernetes/wire'
import type { Behaviour } from './made-up-cluster'

export interface Operation {
  op: 'test' | 'replace' | 'add' | 'remove'
  path: string
  value?: unknown
}

/** The object with the patch (RFC 6902, without `-`); undefined where a test or a path fails. Changes the object. */
export function applyPatch<T extends object>(object: T, operations: readonly Operation[]): T | undefined {
  for (const { op, path, value } of operations) {
    const keys = path
      .slice(1)
      .split('/')
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = keys.pop() as string
    let parent = object as Record<string, unknown>
    for (const key of keys) {
      if (typeof parent[key] !== 'object' || parent[key] === null) return undefined
      parent = parent[key] as Record<string, unknown>
    }
    if (op === 'test' && JSON.stringify(parent[last]) !== JSON.stringify(value)) return undefined
    if (op === 'remove') delete parent[last]
    if (op === 'replace' || op === 'add') parent[last] = value
  }
  return object
}

export const deploymentOf = (namespace: string, name: string, image: string, replicas: number): Deployment => ({
  metadata: { name, namespace, uid: `uid-${name}`, generation: 1, labels: { app: name } },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [
          {
            ...{ name: 'app', image, readinessProbe: { httpGet: { path: '/health', port: 3000 } } },
            lifecycle: { preStop: { sleep: { seconds: 1 } } },
          },
        ],
      },
    },
  },
})

interface NewPod {
  namespace: string
  name: string
  hash: string
  image: string
  behaviour: Behaviour
  digest: string | undefined
  /** uid of its ReplicaSet */
  set: string
  number: number
}

export function newPod({ namespace, name, hash, image, behaviour, digest, set, number }: NewPod): Pod {
  const ready = behaviour === 'healthy'
  const repository = image.replace(/[:@][^/]*$/, '')
  const at = new Date().toISOString()
  const waiting = {
    'crash-loop': { reason: 'CrashLoopBackOff', message: 'back-off restarting failed container' },
    'image-pull': { reason: 'ImagePullBackOff', message: 'Back-off pulling image' },
  }
  return {
    metadata: {
      ...{ name: `${name}-${hash}-${number}`, namespace, uid: `uid-${name}-${hash}-${number}`, creationTimestamp: at },
      labels: { app: name, 'pod-template-hash': hash },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-${hash}`, uid: set, controller: true },
      ],
    },
    spec: { nodeName: 'node', containers: [{ name: 'app', image }] },
    status: {
      phase: ready ? 'Running' : 'Pending',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: at }],
      containerStatuses: [
        {
          ...{ name: 'app', image, imageID: digest === undefined ? '' : `${repository}@${digest}`, ready },
          restartCount: behaviour === 'crash-loop' ? 3 : 0,
          state: behaviour === 'healthy' ? { running: { startedAt: at } } : { waiting: waiting[behaviour] },
        },
      ],
    },
  }
}
