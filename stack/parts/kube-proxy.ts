import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expectOk } from '../http'
import { network, realNode } from '../network'
import { kubeconfigPath } from '../pki'
import type { Context } from '../context'
import type { Part } from './part'

/** kube-proxy in iptables mode, the only one that answers NodePorts on the loopback address. */
export const kubeProxy: Part = {
  name: 'kube-proxy',
  needs: ['kube-apiserver'],
  tools: ['kube-proxy'],
  prepare(context) {
    writeFileSync(proxyConfig(context), JSON.stringify(configuration(context)))
  },
  command: (context) => ({ file: context.bin('kube-proxy'), args: [`--config=${proxyConfig(context)}`, '--v=2'] }),
  healthy: async ({ state: { ports } }) => {
    await expectOk(`http://127.0.0.1:${ports.proxyHealth}/healthz`)
    // It calls itself healthy before its rules exist.
    await canConnect(network.apiService, 443)
  },
  address: ({ state: { ports } }) => `127.0.0.1:${ports.proxyHealth}`,
  patience: 60,
  stop: { signal: 'SIGTERM', grace: 3000 },
}

/** Path of kube-proxy's configuration, which its clean-up needs too. */
export function proxyConfig({ paths }: Context): string {
  return join(paths.config, 'kube-proxy.yaml')
}

function configuration({ state: { ports }, stateDir }: Context): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: kubeconfigPath(stateDir, 'kube-proxy') },
    mode: 'iptables',
    bindAddress: '127.0.0.1',
    healthzBindAddress: `127.0.0.1:${ports.proxyHealth}`,
    metricsBindAddress: `127.0.0.1:${ports.proxyMetrics}`,
    hostnameOverride: realNode,
    clusterCIDR: network.pods,
    detectLocalMode: 'ClusterCIDR',
    oomScoreAdj: 0,
    // Only the loopback interface answers NodePorts.
    nodePortAddresses: ['127.0.0.0/8'],
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    iptables: { localhostNodePorts: true, syncPeriod: '30s', minSyncPeriod: '100ms' },
  }
}

function canConnect(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: 1000 })
    socket.once('connect', () => {
      socket.destroy()
      resolve()
    })
    socket.once('timeout', () => socket.destroy(new Error(`no connection to ${host}:${port}`)))
    socket.once('error', reject)
  })
}
