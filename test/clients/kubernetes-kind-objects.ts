import type { CronJob, DaemonSet, Pod, StatefulSet } from '../../src/clients/kubernetes/wire'
import { pod } from './kubernetes-objects'

export const repository = 'registry.example.org/hub/ledger'
export const image = (tag: string): string => `${repository}:${tag}`
export const template = (tag: string, more: object = {}) => ({
  metadata: { labels: { app: 'books' } },
  spec: { containers: [{ name: 'ledger', image: image(tag), ...more }] },
})
export const meta = (kind: string, name: string) => ({ kind, metadata: { name, uid: `uid-${name}`, generation: 2 } })
export const selector = { matchLabels: { app: 'books' } }

export const statefulSet = (spec: object = {}, status: object = {}): StatefulSet => ({
  ...meta('StatefulSet', 'books'),
  spec: { replicas: 3, serviceName: 'books', selector, template: template('v1'), ...spec },
  status: { replicas: 3, observedGeneration: 2, updateRevision: 'books-b', updatedReplicas: 1, ...status },
})
export const daemonSet = (spec: object = {}, desired = 10): DaemonSet => ({
  ...meta('DaemonSet', 'agent'),
  spec: { selector, template: template('v2'), ...spec },
  status: {
    desiredNumberScheduled: desired,
    updatedNumberScheduled: 1,
    currentNumberScheduled: desired,
    numberReady: 0,
    numberMisscheduled: 0,
  },
})
export const cronJob = (spec: object = {}): CronJob => ({
  ...meta('CronJob', 'report'),
  spec: { schedule: '30 4 * * *', jobTemplate: { spec: { template: template('v2') } }, ...spec },
})
export const owned = (by: string, name: string, more: object = {}) => ({
  metadata: {
    name,
    uid: `uid-${name}`,
    ownerReferences: [{ apiVersion: 'v1', kind: 'Owner', name: by, uid: `uid-${by}` }],
    ...more,
  },
})
export const podOf = (by: string, name: string, revision: string): Pod => ({
  ...pod(name, [image('v1')], []),
  ...owned(by, name, { labels: { 'controller-revision-hash': revision } }),
})
