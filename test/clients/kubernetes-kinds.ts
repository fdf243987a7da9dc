import type { WorkloadKind } from '../../src/domain/service'
import { images } from './kubernetes-cluster'

/** A workload of any kind with one application container, for a real API server; `spec` is what a test is about. */
export function kindManifest(kind: WorkloadKind, name: string, spec: object = {}, image = images.old) {
  const template = {
    metadata: { labels: { app: name, kind } },
    spec: {
      ...(kind === 'CronJob' ? { restartPolicy: 'Never' } : { terminationGracePeriodSeconds: 1 }),
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'ledger', image, readinessProbe: { httpGet: { path: '/health', port: 3000 } } }],
    },
  }
  const selected = { selector: { matchLabels: { app: name, kind } }, template }
  const specs: Record<WorkloadKind, object> = {
    Deployment: { replicas: 3, ...selected },
    StatefulSet: { replicas: 3, serviceName: name, ...selected },
    DaemonSet: selected,
    CronJob: { schedule: '0 0 1 1 *', jobTemplate: { spec: { backoffLimit: 0, template } } },
  }
  return {
    apiVersion: kind === 'CronJob' ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name },
    spec: { ...specs[kind], ...spec },
  }
}
