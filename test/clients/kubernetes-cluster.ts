import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createKubernetes } from '../../src/clients/kubernetes'
import type { Kubernetes, WorkloadRef } from '../../src/clients/contracts'
import type { Service } from '../../src/domain/service'
import { down, up, type Stack } from '../../stack'
import { digest } from './kubernetes-objects'

const image = (tag: string, digit: string): string => `registry.example.org/hub/ledger:${tag}@${digest(digit)}`
/** What every ledger runs first, and other images of it. */
export const images = {
  old: image('v1.0.0', '1'),
  wanted: image('v1.0.1', '2'),
  hotfix: image('v1.0.0-hotfix', '3'),
  other: image('v1.0.2', '4'),
}

export const changes = [
  { name: 'run-migration', init: true, from: images.old, to: images.wanted },
  { name: 'ledger', init: false, from: images.old, to: images.wanted },
]

export interface Hub {
  namespace: string
  ledger: Service
  /** of the API; the consumer is the second workload */
  ref: WorkloadRef
}

export interface Cluster {
  stack: Stack
  /** with an administrator's rights */
  kubernetes: Kubernetes
  kubectl(...args: string[]): Promise<string>
  apply(...objects: object[]): Promise<void>
  /** a namespace of its own with the ledger's two workloads, all pods ready */
  hub(): Promise<Hub>
  close(): Promise<void>
}

/** A real API server with its controllers over simulated nodes. */
export async function openCluster(): Promise<Cluster> {
  const name = `kubernetes-${randomBytes(3).toString('hex')}`
  const parts = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'] as const
  const stack = await up({ name, node: 'simulated', parts: [...parts], yes: true, progress: () => undefined })
  const kubernetes = createKubernetes({ kubeconfig: stack.kubernetes.kubeconfig })
  const access = ['--kubeconfig', stack.kubernetes.kubeconfig]
  const kubectl = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(stack.bin.kubectl, [...access, ...args])).stdout
  const apply = async (...items: object[]): Promise<void> => {
    const file = join(stack.stateDir, `apply-${randomBytes(3).toString('hex')}.json`)
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
    await kubectl('apply', '-f', file)
  }
  let made = 0
  return {
    ...{ stack, kubernetes, kubectl, apply },
    async hub() {
      const namespace = `hub-${++made}`
      const namespaceObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
      await apply(namespaceObject, ledgerDeployment(namespace, 'ledger', 3), ledgerDeployment(namespace, 'consumer', 1))
      for (const each of ['ledger', 'consumer'])
        await kubectl('-n', namespace, 'rollout', 'status', `deployment/${each}`, '--timeout=60s')
      const [ledger] = (await kubernetes.observeServices([namespace])) as [Service]
      return { namespace, ledger, ref: ledger.workloads[0] as WorkloadRef }
    },
    async close() {
      await kubernetes.close()
      await down(name, { purge: true })
    },
  }
}

/** A migrating init container and a container of another repository around the application container. */
export const ledgerDeployment = (namespace: string, named: string, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: named, namespace },
  spec: {
    replicas,
    strategy: { rollingUpdate: { maxSurge: '40%', maxUnavailable: 0 } },
    selector: { matchLabels: { app: named } },
    template: {
      metadata: { labels: { app: named } },
      spec: {
        tolerations: [{ operator: 'Exists' }],
        volumes: [{ name: 'scratch', emptyDir: {} }],
        initContainers: [{ name: 'run-migration', image: images.old, env: [{ name: 'DATABASE', value: 'ledger' }] }],
        containers: [
          {
            name: 'ledger',
            image: images.old,
            env: [{ name: 'ROLE', value: named }],
            volumeMounts: [{ name: 'scratch', mountPath: '/tmp' }],
            resources: { requests: { cpu: '10m' } },
            readinessProbe: { httpGet: { path: '/health', port: 3001 } },
          },
          { name: 'sidecar', image: 'registry.example.org/tools/proxy:v3' },
        ],
      },
    },
  },
})

/** Reads until it is done. */
export async function until<T>(read: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read()
    if (done(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
