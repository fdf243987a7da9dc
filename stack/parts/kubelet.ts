import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../context'
import { expectOk } from '../http'
import { network, realNode } from '../network'
import { kubeconfigPath } from '../pki'
import { socket } from './containerd'
import { nodesReady } from './kwok'
import type { Part } from './part'

/** kubelet: the real node. */
export const kubelet: Part = {
  name: 'kubelet',
  needs: ['containerd', 'kube-apiserver', 'kube-controller-manager'],
  tools: ['kubelet'],
  prepare(context) {
    const { paths } = context
    for (const folder of [join(paths.data, 'kubelet'), join(paths.logs, 'pods')]) mkdirSync(folder, { recursive: true })
    writeFileSync(join(paths.config, 'kubelet.yaml'), JSON.stringify(configuration(context)))
  },
  command: ({ stateDir, paths, bin }) => ({
    file: bin('kubelet'),
    args: [
      `--kubeconfig=${kubeconfigPath(stateDir, 'kubelet')}`,
      `--config=${join(paths.config, 'kubelet.yaml')}`,
      `--root-dir=${join(paths.data, 'kubelet')}`,
      `--node-ip=${network.nodeAddress}`,
      `--hostname-override=${realNode}`,
      '--node-labels=type=real',
      '--v=2',
    ],
  }),
  healthy: async (context) => {
    await expectOk(`http://127.0.0.1:${context.state.ports.kubeletHealth}/healthz`)
    await nodesReady(context, 'kubelet', [realNode])
  },
  address: ({ state: { ports } }) => `${network.nodeAddress}:${ports.kubelet}`,
  patience: 90,
  stop: { signal: 'SIGTERM', grace: 5000 },
}

function configuration(context: Context): object {
  const { state, paths } = context
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: network.nodeAddress,
    port: state.ports.kubelet,
    healthzBindAddress: '127.0.0.1',
    healthzPort: state.ports.kubeletHealth,
    readOnlyPort: 0,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(paths.pki, 'ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(paths.pki, 'kubelet.crt'),
    tlsPrivateKeyFile: join(paths.pki, 'kubelet.key'),
    containerRuntimeEndpoint: `unix://${socket(context)}`,
    cgroupDriver: 'cgroupfs',
    failSwapOn: false,
    failCgroupV1: false,
    oomScoreAdj: 0,
    // kube-proxy makes the rules it needs; kubelet's own would stay behind.
    makeIPTablesUtilChains: false,
    podLogsDir: join(paths.logs, 'pods'),
    volumePluginDir: join(paths.data, 'kubelet', 'volume-plugins'),
    maxPods: 110,
    serializeImagePulls: false,
    evictionHard: { 'memory.available': '200Mi', 'nodefs.available': '2%', 'imagefs.available': '2%' },
    imageGCHighThresholdPercent: 95,
    imageGCLowThresholdPercent: 90,
    shutdownGracePeriod: '0s',
  }
}
