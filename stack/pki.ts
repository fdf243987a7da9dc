import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { network, realNode } from './network'
import { layout } from './paths'
import { run } from './run'

/** Users of the API server that have a kubeconfig, with the group that gives them their rights. */
const users = {
  admin: { commonName: 'admin', organization: 'system:masters' },
  launcher: { commonName: 'refit-launcher', organization: 'system:masters' },
  kwok: { commonName: 'kwok', organization: 'system:masters' },
  'controller-manager': { commonName: 'system:kube-controller-manager' },
  scheduler: { commonName: 'system:kube-scheduler' },
  kubelet: {
    commonName: `system:node:${realNode}`,
    organization: 'system:nodes',
    hosts: [realNode, network.nodeAddress],
  },
  'kube-proxy': { commonName: 'system:kube-proxy' },
}

export type UserName = keyof typeof users

const names = ['', '.default', '.default.svc', '.default.svc.cluster.local'].map((suffix) => `kubernetes${suffix}`)

/** Makes the certificates that are missing, and a kubeconfig for every user. */
export async function preparePki(stateDir: string, pkiTool: string, server: string): Promise<void> {
  const paths = layout(stateDir)
  mkdirSync(paths.pki, { recursive: true, mode: 0o700 })
  mkdirSync(paths.config, { recursive: true })
  const certificates = [
    ...Object.entries(users).map(([name, user]) => ({ name, ...user })),
    {
      name: 'apiserver',
      commonName: 'kube-apiserver',
      hosts: ['localhost', ...names, '127.0.0.1', network.apiService, network.nodeAddress],
    },
    { name: 'apiserver-kubelet-client', commonName: 'kube-apiserver-kubelet-client', organization: 'system:masters' },
  ]
  await run(pkiTool, [], { input: JSON.stringify({ directory: paths.pki, certificates }) })
  for (const user of Object.keys(users) as UserName[]) {
    writeFileSync(kubeconfigPath(stateDir, user), kubeconfig(paths.pki, user, server), { mode: 0o600 })
  }
}

/** Path of a user's kubeconfig; the administrator's is the one for people. */
export function kubeconfigPath(stateDir: string, user: UserName): string {
  const paths = layout(stateDir)
  return user === 'admin' ? paths.kubeconfig : join(paths.config, `${user}.kubeconfig`)
}

/** A kubeconfig in JSON, which every YAML reader takes. */
function kubeconfig(pki: string, user: UserName, server: string): string {
  const encoded = (file: string) => readFileSync(join(pki, file)).toString('base64')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'refit', cluster: { server, 'certificate-authority-data': encoded('ca.crt') } }],
    users: [
      {
        name: user,
        user: { 'client-certificate-data': encoded(`${user}.crt`), 'client-key-data': encoded(`${user}.key`) },
      },
    ],
    contexts: [{ name: 'refit', context: { cluster: 'refit', user } }],
    'current-context': 'refit',
  }
  return JSON.stringify(config, null, 2)
}
