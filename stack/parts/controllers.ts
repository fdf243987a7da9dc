import { expectOk } from '../http'
import { join } from 'node:path'
import { kubeconfigPath } from '../pki'
import type { Part } from './part'

const clientRates = ['--kube-api-qps=1000', '--kube-api-burst=2000']

/** kube-controller-manager, one credential per controller as on a production cluster. */
export const controllerManager: Part = {
  name: 'kube-controller-manager',
  needs: ['kube-apiserver'],
  tools: ['kube-controller-manager'],
  command: ({ state: { ports }, stateDir, paths, bin }) => ({
    file: bin('kube-controller-manager'),
    args: [
      `--kubeconfig=${kubeconfigPath(stateDir, 'controller-manager')}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.controllerManager}`,
      '--leader-elect=false',
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${join(paths.pki, 'sa.key')}`,
      `--root-ca-file=${join(paths.pki, 'ca.crt')}`,
      `--cluster-signing-cert-file=${join(paths.pki, 'ca.crt')}`,
      `--cluster-signing-key-file=${join(paths.pki, 'ca.key')}`,
      '--controllers=*,-nodeipam,-cloud-node-lifecycle',
      ...clientRates,
      '--concurrent-deployment-syncs=20',
      '--concurrent-replicaset-syncs=20',
      '--concurrent-job-syncs=20',
      // A new KWOK takes a lease over only when the old one has run out.
      '--node-monitor-grace-period=60s',
      '--v=1',
    ],
  }),
  healthy: async ({ state: { ports }, api }) => {
    await expectOk(`https://127.0.0.1:${ports.controllerManager}/healthz`, { rejectUnauthorized: false })
    // No pod is admitted to a namespace without it.
    await api.get('/api/v1/namespaces/default/serviceaccounts/default')
  },
  address: ({ state: { ports } }) => `127.0.0.1:${ports.controllerManager}`,
  patience: 60,
  stop: { signal: 'SIGTERM', grace: 3000 },
}

/** kube-scheduler: KWOK too sees only pods that it has placed. */
export const scheduler: Part = {
  name: 'kube-scheduler',
  needs: ['kube-apiserver'],
  tools: ['kube-scheduler'],
  command: ({ state: { ports }, stateDir, bin }) => {
    const kubeconfig = kubeconfigPath(stateDir, 'scheduler')
    return {
      file: bin('kube-scheduler'),
      args: [
        `--kubeconfig=${kubeconfig}`,
        `--authentication-kubeconfig=${kubeconfig}`,
        `--authorization-kubeconfig=${kubeconfig}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${ports.scheduler}`,
        '--leader-elect=false',
        ...clientRates,
        '--v=1',
      ],
    }
  },
  healthy: ({ state: { ports } }) =>
    expectOk(`https://127.0.0.1:${ports.scheduler}/healthz`, { rejectUnauthorized: false }),
  address: ({ state: { ports } }) => `127.0.0.1:${ports.scheduler}`,
  patience: 60,
  stop: { signal: 'SIGTERM', grace: 3000 },
}
