import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiServer } from '../context'
import { network } from '../network'
import { preparePki } from '../pki'
import type { Part } from './part'

/** Who writes into the audit log is the question; the cluster's own chatter would drown the answer. */
export const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/version', '/openapi/*', '/api*'] },
    {
      level: 'None',
      users: [
        'system:apiserver',
        'system:kube-controller-manager',
        'system:kube-scheduler',
        'system:kube-proxy',
        'kwok',
        'refit-launcher',
      ],
    },
    { level: 'None', userGroups: ['system:nodes', 'system:serviceaccounts:kube-system'] },
    { level: 'Metadata' },
  ],
}

/** kube-apiserver: RBAC, an audit log, and admission by which a namespace can choose simulated nodes. */
export const apiserver: Part = {
  name: 'kube-apiserver',
  needs: ['etcd'],
  tools: ['kube-apiserver', 'kubectl', 'pki'],
  async prepare({ state, stateDir, paths, bin }) {
    await preparePki(stateDir, bin('pki'), apiServer(state))
    writeFileSync(join(paths.config, 'audit-policy.yaml'), JSON.stringify(auditPolicy))
  },
  command: ({ state, paths, bin }) => {
    const pki = (file: string) => join(paths.pki, file)
    // The Service object "kubernetes" must point to an address that pods reach, and that can't be a loopback address.
    const address =
      state.node === 'real'
        ? [`--bind-address=${network.nodeAddress}`]
        : ['--bind-address=127.0.0.1', '--endpoint-reconciler-type=none']
    return {
      file: bin('kube-apiserver'),
      args: [
        ...address,
        `--advertise-address=${network.nodeAddress}`,
        `--secure-port=${state.ports.apiserver}`,
        `--etcd-servers=http://127.0.0.1:${state.ports.etcd}`,
        `--service-cluster-ip-range=${network.services}`,
        `--tls-cert-file=${pki('apiserver.crt')}`,
        `--tls-private-key-file=${pki('apiserver.key')}`,
        `--client-ca-file=${pki('ca.crt')}`,
        `--kubelet-certificate-authority=${pki('ca.crt')}`,
        `--kubelet-client-certificate=${pki('apiserver-kubelet-client.crt')}`,
        `--kubelet-client-key=${pki('apiserver-kubelet-client.key')}`,
        '--kubelet-preferred-address-types=InternalIP,Hostname',
        '--service-account-issuer=https://kubernetes.default.svc',
        `--service-account-key-file=${pki('sa.pub')}`,
        `--service-account-signing-key-file=${pki('sa.key')}`,
        '--authorization-mode=Node,RBAC',
        '--anonymous-auth=false',
        '--allow-privileged=true',
        '--enable-admission-plugins=NodeRestriction,PodNodeSelector,PodTolerationRestriction',
        `--audit-policy-file=${join(paths.config, 'audit-policy.yaml')}`,
        `--audit-log-path=${paths.auditLog}`,
        '--audit-log-maxsize=500',
        '--audit-log-maxbackup=1',
        '--max-requests-inflight=1000',
        '--max-mutating-requests-inflight=500',
        '--event-ttl=24h',
        '--v=1',
      ],
    }
  },
  healthy: async ({ api }) => {
    await api.call('GET', '/readyz')
    await api.get('/api/v1/namespaces/default')
  },
  address: ({ state }) => apiServer(state),
  patience: 90,
  // With open watches it takes more than 15 s to exit, and etcd has everything already.
  stop: { signal: 'SIGTERM', grace: 4000 },
}
